import Reporting

/// Progress that redraws itself on a terminal, as BuildKit's tty mode.
struct TerminalProgress: ProgressRenderer {
    let ticks = true

    private struct Step {
        var title: String
        var start: Duration
        var end: Duration?
        var outcome: ProgressEvent.Outcome?
        var lines = StepLines()
        var amount: (done: Int64, total: Int64?)?
    }

    /// What is being done: `Building`.
    private let verb: String
    private let columns: Int
    private let rows: Int
    private let hasColors: Bool
    private var steps: [ProgressEvent.TaskID: Step] = [:]
    private var order: [ProgressEvent.TaskID] = []
    private var notes: [String] = []
    /// How many lines the last drawing has, which the next one overwrites.
    private var drawn = 0

    /// How many lines of a running step's output are shown.
    private static let logLines = 6

    init(verb: String, columns: Int, rows: Int, hasColors: Bool) {
        self.verb = verb
        self.columns = max(columns, 20)
        self.rows = max(rows, 5)
        self.hasColors = hasColors
    }

    mutating func render(_ events: [(event: ProgressEvent, time: Duration)], now: Duration) -> String {
        for (event, time) in events { take(event, at: time) }
        return draw(now: now, isLast: false)
    }

    mutating func finish(now: Duration) -> String { draw(now: now, isLast: true) }

    private mutating func take(_ event: ProgressEvent, at time: Duration) {
        switch event {
        case .started(let id, let title):
            if steps[id] == nil { order.append(id) }
            steps[id] = Step(title: title.split(separator: "\n").joined(separator: " "), start: time)
        case .amount(let id, let done, let total): steps[id]?.amount = (done, total)
        case .log(let id, let bytes, _): _ = steps[id]?.lines.take(bytes, stamp: "")
        case .finished(let id, let outcome):
            steps[id]?.end = time
            steps[id]?.outcome = outcome
        case .note(let text): notes.append(text)
        case .warning: break
        }
    }

    // MARK: - Drawing

    private mutating func draw(now: Duration, isLast: Bool) -> String {
        let finished = order.count { steps[$0]?.outcome != nil }
        var lines = ["[+] \(verb) \(StepClock.short(now)) (\(finished)/\(order.count))" + (isLast ? " FINISHED" : "")]
        for note in notes { lines.append(fitted(" => \(note)", "")) }
        // What is over leaves first when the terminal is too low for all.
        var bodies = order.map { body(of: $0, now: now) }
        if !isLast {
            var index = 0
            while index < bodies.count, bodies.reduce(lines.count + 1, { $0 + $1.count }) > rows {
                if steps[order[index]]?.outcome != nil { bodies[index] = [] }
                index += 1
            }
        }
        lines += bodies.joined()
        if !isLast { lines = Array(lines.prefix(rows - 1)) }
        var text = drawn > 0 ? "\u{1b}[\(drawn)A\r" : ""
        text += lines.map { "\u{1b}[K\($0)\n" }.joined() + "\u{1b}[J"
        drawn = lines.count
        return text
    }

    private func body(of id: ProgressEvent.TaskID, now: Duration) -> [String] {
        guard let step = steps[id] else { return [] }
        let time = StepClock.short((step.end ?? now) - step.start)
        var prefix = ""
        var color = "34"
        switch step.outcome {
        case .cached: prefix = "CACHED "
        case .cancelled: (prefix, color) = ("CANCELED ", "33")
        case .failed: (prefix, color) = ("ERROR ", "31")
        case .done, nil: break
        }
        var amount = ""
        if let (done, total) = step.amount {
            amount = " " + HumanSize.decimal(done) + (total.map { " / " + HumanSize.decimal($0) } ?? "")
        }
        let line = fitted(" => \(prefix)\(step.title)\(amount)", time)
        guard step.outcome == nil else { return [hasColors ? "\u{1b}[\(color)m\(line)\u{1b}[0m" : line] }
        return [line] + step.lines.tail.suffix(Self.logLines).map { fitted(" => => # \(Self.printable($0.text))", "") }
    }

    /// `left` cut to the width, `right` at the end of the line.
    private func fitted(_ left: String, _ right: String) -> String {
        let room = columns - 1 - (right.isEmpty ? 0 : right.count + 1)
        let cut = left.count > room ? left.prefix(max(0, room - 2)) + ".." : left[...]
        return right.isEmpty ? String(cut) : cut + String(repeating: " ", count: room - cut.count + 1) + right
    }

    /// A program's line without what would move the cursor.
    static func printable(_ line: String) -> String {
        var result = String.UnicodeScalarView()
        var scalars = line.unicodeScalars[...]
        while let scalar = scalars.popFirst() {
            if scalar == "\u{1b}" {
                // CSI … final byte, OSC … BEL, or one more character.
                if scalars.first == "[" {
                    scalars = scalars.dropFirst().drop { !(0x40...0x7e).contains($0.value) }.dropFirst()
                } else if scalars.first == "]" {
                    scalars = scalars.drop { $0 != "\u{7}" }.dropFirst()
                } else {
                    scalars = scalars.dropFirst()
                }
            } else if scalar == "\t" {
                result.append(contentsOf: "    ".unicodeScalars)
            } else if scalar.value >= 0x20, scalar.value != 0x7f, !(0x80..<0xa0).contains(scalar.value) {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
