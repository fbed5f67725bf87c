/// What a command says about itself: its operands, how many it takes, and one line.
struct Usage: Sendable {
    /// What follows the flags: `IMAGE [COMMAND] [ARG...]`.
    var operands: String
    /// What the command does, in one line.
    var summary: String
    /// How many operands it takes.
    var count: ClosedRange<Int>
    /// Whether everything after the first operand belongs to somebody else.
    var stopsAtOperand = false
    /// Other commands that do the same (`socle image build`).
    var aliases: [String] = []

    init(_ operands: String = "", _ count: ClosedRange<Int>, _ summary: String) {
        self.operands = operands
        self.count = count
        self.summary = summary
    }

    /// No upper bound.
    static let many = Int.max

    /// What is wrong with `count` operands of the command `path`, as Docker says it; nil when nothing is.
    func complaint(_ path: String, about count: Int) -> String? {
        if self.count.contains(count) { return nil }
        if self.count == 0...0 { return "\"\(path)\" accepts no arguments." }
        let wanted = count < self.count.lowerBound ? self.count.lowerBound : self.count.upperBound
        let bound =
            self.count.lowerBound == self.count.upperBound ? "exactly" : count < wanted ? "at least" : "at most"
        return "\"\(path)\" requires \(bound) \(wanted) argument\(wanted == 1 ? "" : "s")."
    }
}

/// Writes the help of commands, laid out as Docker's.
enum HelpText {
    /// The columns that Docker fills: the terminal's 80.
    static let width = 80

    /// `Usage:  socle run [OPTIONS] IMAGE …`.
    static func usageLine(_ path: String, _ usage: Usage, hasFlags: Bool) -> String {
        "Usage:  \(path)" + (hasFlags ? " [OPTIONS]" : "") + (usage.operands.isEmpty ? "" : " \(usage.operands)")
    }

    /// The whole help of a command.
    static func command<Options>(_ path: String, _ usage: Usage, flags: [Flag<Options>]) -> String {
        let shown = flags.filter { $0.help != nil }
        var text = "\n" + usageLine(path, usage, hasFlags: !shown.isEmpty) + "\n\n\(usage.summary)\n"
        if !usage.aliases.isEmpty {
            text += "\nAliases:\n  " + ([path] + usage.aliases).joined(separator: ", ") + "\n"
        }
        return shown.isEmpty ? text : text + "\nOptions:\n" + options(shown)
    }

    /// One line a flag, sorted by name, descriptions wrapped into their column.
    static func options<Options>(_ flags: [Flag<Options>]) -> String {
        let rows = flags.sorted { $0.name < $1.name }.map { flag in
            let names = (flag.short.map { "  -\($0), " } ?? "      ") + "--" + flag.name
            return (names + (flag.valueName.map { " \($0)" } ?? ""), flag.help ?? "")
        }
        let column = (rows.map(\.0.count).max() ?? 0) + 3
        return rows.map { left, right in
            let indent = String(repeating: " ", count: column)
            let lines = wrapped(right, to: width - column)
            return left + indent.dropFirst(left.count) + lines.joined(separator: "\n" + indent) + "\n"
        }.joined()
    }

    /// `text` in lines of at most `width` characters, broken at spaces.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    /// Names and summaries in two columns.
    static func list(_ rows: [(name: String, summary: String)]) -> String {
        let column = max(12, (rows.map(\.name.count).max() ?? 0) + 2)
        return rows.sorted { $0.name < $1.name }.map {
            "  " + $0.name + String(repeating: " ", count: column - $0.name.count) + $0.summary + "\n"
        }.joined()
    }
}
