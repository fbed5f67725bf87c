/// Reads a command's words as Docker does (spf13/pflag): `--name value`, `--name=value`, `-nvalue`, `-n=value`, several
/// short flags in one word, `--flag=false`, and `--`.
///
/// This is why socle doesn't use swift-argument-parser: its grammar and its wording differ in each of these, and a
/// second parser in front of it would have to know every flag a second time.
struct FlagParser<Options> {
    var flags: [Flag<Options>]
    /// Whether what follows the first operand belongs to somebody else (`run IMAGE COMMAND -x`).
    var stopsAtOperand = false

    /// What a line came to, beside the options that were stored.
    struct Outcome: Hashable, Sendable {
        var operands: [String] = []
        /// `--help` was among the flags; nothing else was looked at after it.
        var asksForHelp = false
    }

    init(_ flags: [Flag<Options>], stopsAtOperand: Bool = false) {
        self.flags = flags
        self.stopsAtOperand = stopsAtOperand
    }

    /// Stores the flags among `words` in `options` and returns what is left.
    func parse(_ words: ArraySlice<String>, into options: inout Options) throws(ArgumentError) -> Outcome {
        var rest = words
        var outcome = Outcome()
        while let word = rest.popFirst() {
            if word == "--" {
                outcome.operands += rest
                break
            } else if word.hasPrefix("--") {
                outcome.asksForHelp = try parseLong(word, &rest, &options)
            } else if word.hasPrefix("-"), word.utf8.count > 1 {
                outcome.asksForHelp = try parseShort(word, &rest, &options)
            } else {
                outcome.operands.append(word)
                if stopsAtOperand {
                    outcome.operands += rest
                    break
                }
            }
            if outcome.asksForHelp { break }
        }
        return outcome
    }

    /// One `--word`; true when it asks for help.
    private func parseLong(
        _ word: String,
        _ rest: inout ArraySlice<String>,
        _ options: inout Options
    ) throws(ArgumentError) -> Bool {
        let body = word.dropFirst(2)
        let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let first = name.utf8.first, first != UInt8(ascii: "-") else {
            throw ArgumentError("bad flag syntax: \(word)")
        }
        guard let flag = flag(where: { $0.name == name }) else {
            if name == "help" { return true }
            throw ArgumentError("unknown flag: --\(name)")
        }
        if parts.count == 2 {
            try store(String(parts[1]), in: flag, &options)
        } else if flag.valueName == nil {
            try store("true", in: flag, &options)
        } else if let next = rest.popFirst() {
            try store(next, in: flag, &options)
        } else {
            throw ArgumentError("flag needs an argument: --\(name)")
        }
        return false
    }

    /// One `-word` of short flags; true when it asks for help.
    private func parseShort(
        _ word: String,
        _ rest: inout ArraySlice<String>,
        _ options: inout Options
    ) throws(ArgumentError) -> Bool {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            guard let flag = flag(where: { $0.short == letter }) else {
                if letter == "h" { return true }
                throw ArgumentError("unknown shorthand flag: \(GoText.quotedCharacter(letter)) in \(word)")
            }
            if letters.first == "=" {
                try store(String(letters.dropFirst()), in: flag, &options)
                return false
            } else if flag.valueName == nil {
                try store("true", in: flag, &options)
            } else if !letters.isEmpty {
                try store(String(letters), in: flag, &options)
                return false
            } else if let next = rest.popFirst() {
                try store(next, in: flag, &options)
            } else {
                throw ArgumentError("flag needs an argument: \(GoText.quotedCharacter(letter)) in \(word)")
            }
        }
        return false
    }

    /// Looks at the flags where they are: a copy of each costs more than all else here.
    private func flag(where isWanted: (borrowing Flag<Options>) -> Bool) -> Flag<Options>? {
        for index in flags.indices where isWanted(flags[index]) { return flags[index] }
        return nil
    }

    private func store(_ text: String, in flag: Flag<Options>, _ options: inout Options) throws(ArgumentError) {
        if let refusal = flag.refusal {
            // A word that is no truth value says nothing that could be turned off.
            if flag.valueName == nil, (try? Bool(argument: text)) == false { return }
            throw ArgumentError("unsupported flag: --\(flag.name): \(refusal)")
        }
        do throws(ArgumentError) { try flag.store(&options, text) } catch {
            throw ArgumentError(
                "invalid argument \(GoText.quoted(text)) for \(GoText.quoted(flag.label)) flag: \(error.description)",
                hint: error.hint
            )
        }
    }
}
