import Reporting

/// Progress that redraws itself on a terminal, as BuildKit's tty mode.
struct TerminalProgress: ProgressRenderer {
    let ticks = true
    let needsEveryLine = false

    private struct Step {
        var title: String
        var start: Duration
        var end: Duration?
        var outcome: ProgressEvent.Outcome?
        var lines = StepLines()
        var amount: (done: Int64, total: Int64?)?
        var parts: [(part: ProgressEvent.Part, start: Duration, end: Duration?)] = []
    }

    /// How it looks.
    struct Style: Sendable {
        /// What is being done: `Building`.
        var verb: String
        /// What stands at the right of the first line.
        var description = ""
        var colors: ProgressColors?
        /// How many lines of a running step's output are shown: `BUILDKIT_TTY_LOG_LINES`.
        var logLines = 6
    }

    private let style: Style
    private var columns: Int
    private var rows: Int
    private var steps: [ProgressEvent.TaskID: Step] = [:]
    private var order: [ProgressEvent.TaskID] = []
    private var planned = 0
    private var notes: [String] = []
    /// The columns that each line of the last drawing fills, which the next one overwrites.
    private var drawn: [Int] = []

    init(_ style: Style, columns: Int, rows: Int) {
        self.style = style
        self.columns = max(columns, 20)
        self.rows = max(rows, 5)
    }

    mutating func resize(rows: Int, columns: Int) {
        self.columns = max(columns, 20)
        self.rows = max(rows, 5)
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
            steps[id] = Step(title: GoText.oneLine(title), start: time)
        case .amount(let id, let done, let total): steps[id]?.amount = (done, total)
        case .part(let id, let part):
            let end = part.isFinished ? time : nil
            if let index = steps[id]?.parts.firstIndex(where: { $0.part.name == part.name }) {
                steps[id]?.parts[index].part = part
                steps[id]?.parts[index].end = end
            } else {
                steps[id]?.parts.append((part, time, end))
            }
        case .log(let id, let bytes, _): steps[id]?.lines.skim(bytes, stamp: "")
        case .finished(let id, let outcome):
            steps[id]?.end = time
            steps[id]?.outcome = outcome
        case .planned(let count): planned = count
        case .note(let text): notes.append(text)
        case .warning, .recorded: break
        }
    }

    // MARK: - Drawing

    private mutating func draw(now: Duration, isLast: Bool) -> String {
        var lines = [Line(head(now: now, isLast: isLast))] + notes.map { Line(fitted(" => \($0)", "")) }
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
        // A terminal that became narrower has broken the lines of the last drawing.
        let height = drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        drawn = lines.map { TextWidth.columns($0.text) }
        // Each line is overwritten before the rest of it is cleared, and the cursor is out of sight: nothing flickers.
        return "\u{1b}[?25l" + (height > 0 ? "\u{1b}[\(height)A\r" : "")
            + lines.map { $0.shown + "\u{1b}[K\n" }.joined() + "\u{1b}[J\u{1b}[?25h"
    }

    private func head(now: Duration, isLast: Bool) -> String {
        let finished = order.count { steps[$0]?.outcome != nil }
        let total = isLast ? order.count : max(order.count, planned)
        let isDone = isLast && finished > 0 && finished == total
        let head = "[+] \(style.verb) \(StepClock.short(now)) (\(finished)/\(total))" + (isDone ? " FINISHED" : "")
        return fitted(head, style.description)
    }

    private struct Line {
        var text: String
        var color: String?

        init(_ text: String, color: String? = nil) {
            self.text = text
            self.color = color
        }

        var shown: String { color.map { "\u{1b}[\($0)m\(text)\u{1b}[0m" } ?? text }
    }

    private func body(of id: ProgressEvent.TaskID, now: Duration) -> [Line] {
        guard let step = steps[id] else { return [] }
        var prefix = ""
        var color = style.colors?.run
        switch step.outcome {
        case .cached: prefix = "CACHED "
        case .cancelled: (prefix, color) = ("CANCELED ", style.colors?.cancel)
        case .failed: (prefix, color) = ("ERROR ", style.colors?.error)
        case .done: break
        case nil: color = nil
        }
        let amount = step.amount.map { Self.amount($0.done, $0.total) } ?? ""
        let time = StepClock.short((step.end ?? now) - step.start)
        var lines = [Line(fitted(" => \(prefix)\(step.title)\(amount)", time), color: color)]
        lines += step.parts.map { part in
            let isOver = part.end != nil || step.end != nil
            let time = StepClock.short((part.end ?? step.end ?? now) - part.start)
            let amount = part.part.done.map { Self.amount($0, part.part.total) } ?? ""
            return Line(fitted(" => => \(part.part.name)\(amount)", time), color: isOver ? style.colors?.run : nil)
        }
        guard step.outcome == nil else { return lines }
        let faint = style.colors == nil ? nil : "2"
        return lines
            + step.lines.tail.suffix(style.logLines).map {
                Line(fitted(" => => # \(Self.printable($0.text))", ""), color: faint)
            }
    }

    private static func amount(_ done: Int64, _ total: Int64?) -> String {
        " " + HumanSize.decimal(done) + (total.map { " / " + HumanSize.decimal($0) } ?? "")
    }

    /// `left` cut to the width, `right` at the end of the line.
    private func fitted(_ left: String, _ right: String) -> String {
        let room = columns - 1 - (right.isEmpty ? 0 : TextWidth.columns(right) + 1)
        let width = TextWidth.columns(left)
        let cut = width > room ? TextWidth.prefix(left, max(0, room - 2)) + ".." : left
        if right.isEmpty { return cut }
        return cut + String(repeating: " ", count: max(1, room - TextWidth.columns(cut) + 1)) + right
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
