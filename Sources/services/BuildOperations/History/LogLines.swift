import Reporting

/// The events of a build as the lines of its log.
struct LogLines {
    private struct Step {
        var number: Int
        var start: Duration
        /// What stands after the last newline and isn't written yet.
        var rest: [UInt8] = []
    }

    private var steps: [ProgressEvent.TaskID: Step] = [:]
    private var count = 0
    /// The step whose line is written as far as it goes.
    private var open: ProgressEvent.TaskID?

    /// A line that is longer is written in pieces, as it comes.
    private static let longestRest = 64 << 10
    private static let newline = UInt8(ascii: "\n")

    mutating func take(_ event: ProgressEvent, at time: Duration) -> [UInt8] {
        switch event {
        case .started(let id, let title):
            count += 1
            steps[id] = Step(number: count, start: time)
            return line(title.split(separator: "\n").joined(separator: " "), of: count)
        case .log(let id, let bytes, _): return log(bytes, of: id, at: time)
        case .finished(let id, let outcome):
            guard let step = steps[id] else { return [] }
            let rest = endLine(of: id, at: time)
            steps[id] = nil
            return rest + line(Self.text(outcome, after: time - step.start), of: step.number)
        case .part(let id, let part):
            guard part.isFinished, let step = steps[id] else { return [] }
            return line(part.name + (part.done.map { " \($0)B" } ?? "") + " done", of: step.number)
        case .warning(let warning):
            let place = warning.ranges.first.map { " (line \($0.start.line))" } ?? ""
            return line("WARN: " + (warning.rule.map { "\($0): " } ?? "") + warning.message + place, of: 0)
        case .note(let text): return line(text, of: 0)
        case .amount, .planned, .recorded: return []
        }
    }

    /// The last lines.
    mutating func end(_ record: BuildRecord) -> [UInt8] {
        line("\(record.state.rawValue)" + (record.error.map { ": \($0)" } ?? ""), of: 0)
    }

    private static func text(_ outcome: ProgressEvent.Outcome, after time: Duration) -> String {
        switch outcome {
        case .done: "DONE \(seconds(time, digits: 1))s"
        case .cached: "CACHED"
        case .cancelled: "CANCELED"
        case .failed(let message): "ERROR: \(message)"
        }
    }

    private mutating func line(_ text: String, of number: Int) -> [UInt8] {
        interrupt() + Array("#\(number) \(text)\n".utf8)
    }

    /// Ends the line that somebody else has begun.
    private mutating func interrupt() -> [UInt8] {
        guard open != nil else { return [] }
        open = nil
        return [Self.newline]
    }

    private mutating func log(_ bytes: [UInt8], of id: ProgressEvent.TaskID, at time: Duration) -> [UInt8] {
        guard var step = steps[id] else { return [] }
        defer { steps[id] = step }
        let prefix = Array("#\(step.number) \(Self.seconds(time - step.start, digits: 3)) ".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 16)
        var left = bytes[...]
        while let end = left.firstIndex(of: Self.newline) {
            if open != id { text += interrupt() + prefix + step.rest }
            step.rest.removeAll(keepingCapacity: true)
            text += left[...end]
            open = nil
            left = left[(end + 1)...]
        }
        if open == id {
            text += left
        } else if step.rest.count + left.count > Self.longestRest {
            text += interrupt() + prefix + step.rest + left
            step.rest.removeAll(keepingCapacity: true)
            open = id
        } else {
            step.rest += left
        }
        return text
    }

    /// What a step said last, if it had no newline.
    private mutating func endLine(of id: ProgressEvent.TaskID, at time: Duration) -> [UInt8] {
        if open == id { return interrupt() }
        guard let step = steps[id], !step.rest.isEmpty else { return [] }
        let prefix = "#\(step.number) \(Self.seconds(time - step.start, digits: 3)) "
        return interrupt() + Array(prefix.utf8) + step.rest + [Self.newline]
    }

    private static func seconds(_ duration: Duration, digits: Int) -> String {
        let unit: Int64 = digits == 3 ? 1000 : 10
        let (seconds, fraction) = duration.components
        let part = fraction / (1_000_000_000_000_000_000 / unit)
        let text = String(unit + part).dropFirst()
        return "\(seconds).\(text)"
    }
}
