import Reporting

/// Progress as lines, one step at a time, as BuildKit's plain mode: for logs and pipes.
struct PlainProgress: ProgressRenderer {
    let ticks = false

    private struct Step {
        var number: Int
        var title: String
        var start: Duration
        var lines = StepLines()
        /// Complete lines that wait because another step is being shown.
        var waiting = ""
        var amount: Int64?
        /// The parts that were told, with their times.
        var parts: [String: (start: Duration, told: Duration)] = [:]
        var hasEnded = false
    }

    /// What is said before everything else.
    private var opening: String?
    private var steps: [ProgressEvent.TaskID: Step] = [:]
    private var order: [ProgressEvent.TaskID] = []
    private var shown: ProgressEvent.TaskID?
    private var lastWords = Duration.zero
    private var count = 0

    /// A step that says nothing for so long makes way for one that does.
    private static let patience = Duration.seconds(3)
    private static let longestWait = 256 << 10

    /// - Parameter opening: what is being done, and where: the line in front of all.
    init(opening: String? = nil) {
        self.opening = opening
    }

    mutating func render(_ events: [(event: ProgressEvent, time: Duration)], now: Duration) -> String {
        let first = opening.map { "#0 \($0)\n\n" } ?? ""
        if !events.isEmpty { opening = nil }
        return (events.isEmpty ? "" : first) + events.map { take($0.event, at: $0.time) }.joined()
    }

    mutating func finish(now: Duration) -> String {
        var text = ""
        while let id = order.first(where: { steps[$0]?.waiting.isEmpty == false }) { text += show(id) }
        return text
    }

    private mutating func take(_ event: ProgressEvent, at time: Duration) -> String {
        switch event {
        case .started(let id, let title):
            count += 1
            steps[id] = Step(number: count, title: GoText.oneLine(title), start: time)
            order.append(id)
            return ""
        case .amount(let id, let done, _):
            steps[id]?.amount = done
            return ""
        case .log(let id, let bytes, _):
            guard let start = steps[id]?.start else { return "" }
            let stamp = StepClock.stamp(time - start)
            return say(steps[id]?.lines.take(bytes, stamp: stamp).map { "\(stamp) \($0)" } ?? [], id, time)
        case .finished(let id, let outcome): return end(id, outcome, time)
        case .note(let text): return (shown == nil ? "" : leave()) + "#0 \(GoText.visible(text))\n\n"
        case .part(let id, let part): return tell(part, of: id, at: time)
        case .warning, .planned, .recorded: return ""
        }
    }

    /// A part is told when it is finished, and now and then until then.
    private mutating func tell(_ part: ProgressEvent.Part, of id: ProgressEvent.TaskID, at time: Duration) -> String {
        guard let step = steps[id] else { return "" }
        let known = step.parts[part.name]
        guard part.isFinished || known == nil || time - (known?.told ?? .zero) > .seconds(5) else { return "" }
        let start = known?.start ?? time
        steps[id]?.parts[part.name] = (start, time)
        var line = GoText.visibleLine(part.name)
        switch (part.done, part.total) {
        case (let done?, let total?): line += " \(HumanSize.decimal(done)) / \(HumanSize.decimal(total))"
        case (let done?, nil): line += " \(HumanSize.decimal(done))"
        case (nil, _): break
        }
        if time - start > .milliseconds(10) { line += " \(StepClock.short(time - start))" }
        return say([line + (part.isFinished ? " done" : "")], id, time)
    }

    private mutating func end(_ id: ProgressEvent.TaskID, _ outcome: ProgressEvent.Outcome, _ time: Duration) -> String
    {
        guard var step = steps[id] else { return "" }
        let stamp = StepClock.stamp(time - step.start)
        var lines = step.lines.end(stamp: stamp).map { "\(stamp) \($0)" }
        if let amount = step.amount { lines.append("transferring \(HumanSize.decimal(amount)) done") }
        switch outcome {
        case .done: lines.append("DONE \(StepClock.short(time - step.start))")
        case .cached: lines.append("CACHED")
        case .cancelled: lines.append("CANCELED")
        case .failed(let message): lines.append("ERROR: \(GoText.visible(message))")
        }
        step.hasEnded = true
        steps[id] = step
        var text = say(lines, id, time)
        // The place is free: those who waited come first, in their order, up to one that goes on.
        while shown == nil, let next = order.first(where: { steps[$0]?.waiting.isEmpty == false }) {
            text += show(next)
        }
        return text
    }

    /// Lines of a step: now if it is being shown or nobody is, else when its turn comes.
    private mutating func say(_ lines: [String], _ id: ProgressEvent.TaskID, _ time: Duration) -> String {
        guard let number = steps[id]?.number, !lines.isEmpty else { return "" }
        steps[id]?.waiting += lines.map { "#\(number) \($0)\n" }.joined()
        let isTired = time - lastWords > Self.patience || (steps[id]?.waiting.utf8.count ?? 0) > Self.longestWait
        guard shown == nil || shown == id || isTired else { return "" }
        lastWords = time
        return show(id)
    }

    /// Prints what a step has to say, after its title if another one was shown before.
    private mutating func show(_ id: ProgressEvent.TaskID) -> String {
        guard let step = steps[id] else { return "" }
        var text = ""
        if shown != id {
            if shown != nil { text += leave() }
            text += "#\(step.number) \(step.title)\n"
            shown = id
        }
        text += step.waiting
        steps[id]?.waiting = ""
        if step.hasEnded {
            text += "\n"
            shown = nil
            steps[id] = nil
            order.removeAll { $0 == id }
        }
        return text
    }

    private mutating func leave() -> String {
        defer { shown = nil }
        return shown.flatMap { steps[$0] }.map { "#\($0.number) ...\n\n" } ?? ""
    }
}
