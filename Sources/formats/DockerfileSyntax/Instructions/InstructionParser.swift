import Reporting

/// Makes an instruction of a statement.
struct InstructionParser {
    let statement: Statement
    let escape: UInt8

    /// The instruction, or the first thing that is wrong with it, in Docker's words.
    func parse() throws(SyntaxError) -> Instruction.Kind {
        switch statement.name {
        case "FROM": return .from(try from())
        case "ARG": return .arg(try arg())
        case "ENV": return .env(try assignments())
        case "LABEL": return .label(try assignments())
        case "RUN": return .run(try run())
        case "COPY": return .copy(try copy())
        case "ADD": return .add(try add())
        case "CMD": return .cmd(try plainCommand())
        case "ENTRYPOINT": return .entrypoint(try plainCommand())
        case "SHELL": return .shell(try shell())
        case "WORKDIR": return .workdir(try oneArgument())
        case "USER": return .user(try oneArgument())
        case "STOPSIGNAL": return .stopsignal(try oneArgument())
        case "MAINTAINER": return .maintainer(try oneArgument())
        case "VOLUME": return .volume(try volume())
        case "EXPOSE": return .expose(try expose())
        case "HEALTHCHECK": return .healthcheck(try healthcheck())
        case "ONBUILD": return .onbuild(try onbuild())
        default:
            var error = SyntaxError.suggesting(
                "unknown instruction: \(statement.keyword)",
                statement.keyword.text,
                among: Instruction.names,
                at: statement.keyword.range
            )
            if !error.message.hasSuffix("?)") {
                error.hint = "a line belongs to the one above only if that one ends in \(Unicode.Scalar(escape))"
            }
            throw error
        }
    }

    var text: JoinedText { statement.text }
    var arguments: Range<Int> { statement.arguments }

    func failure(_ message: String, at range: SourceRange? = nil) -> SyntaxError {
        SyntaxError(message, at: range ?? statement.range)
    }

    func noFlags() throws(SyntaxError) {
        _ = try FlagSet(statement, [:])
    }

    var needsArguments: SyntaxError { failure("\(statement.name) requires at least one argument") }

    private func oneArgument() throws(SyntaxError) -> Word {
        guard !arguments.isEmpty else { throw failure("\(statement.name) requires exactly one argument") }
        try noFlags()
        return statement.argumentWord
    }

    private func from() throws(SyntaxError) -> FromInstruction {
        let words = Words.separated(text, arguments)
        var instruction: FromInstruction
        switch words.count {
        case 1: instruction = FromInstruction(reference: words[0])
        case 3 where words[1].text.lowercased() == "as":
            guard Stage.isName(words[2].text.lowercased()) else {
                var error = failure(
                    "invalid name for build stage: \(words[2].text.goQuoted), "
                        + "name can't start with a number or contain symbols",
                    at: words[2].range
                )
                error.hint = "a name begins with a letter, and has letters, digits, \"-\", \"_\" and \".\" in it"
                throw error
            }
            instruction = FromInstruction(reference: words[0], stageName: words[2], asKeyword: words[1])
        default: throw failure("FROM requires either one or three arguments")
        }
        instruction.platform = try FlagSet(statement, ["platform": .string])["platform"]
        return instruction
    }

    private func shell() throws(SyntaxError) -> [Word] {
        try noFlags()
        switch try jsonForm() {
        case .array(let words):
            guard !words.isEmpty else { throw needsArguments }
            return words
        case .notStrings, .other:
            guard !arguments.isEmpty else { throw needsArguments }
            throw failure("SHELL requires the arguments to be in JSON form", at: statement.argumentWord.range)
        }
    }

    private func volume() throws(SyntaxError) -> [Word] {
        let words = try wordList()
        guard !words.isEmpty else { throw needsArguments }
        try noFlags()
        for word in words where word.text.trimmed.isEmpty {
            throw failure("VOLUME specified can not be an empty string", at: word.range)
        }
        return words.map { Word($0.text.trimmed, range: $0.range) }
    }

    private func expose() throws(SyntaxError) -> [Word] {
        let words = Words.separated(text, arguments)
        guard !words.isEmpty else { throw needsArguments }
        try noFlags()
        return words
    }

    private func onbuild() throws(SyntaxError) -> OnbuildInstruction {
        guard !arguments.isEmpty else { throw needsArguments }
        try noFlags()
        let trigger = statement.trigger
        switch trigger.name {
        case "ONBUILD":
            throw failure("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", at: trigger.keyword.range)
        case "FROM", "MAINTAINER":
            throw failure("\(trigger.name) isn't allowed as an ONBUILD trigger", at: trigger.keyword.range)
        default: break
        }
        try InstructionParser(statement: trigger, escape: escape).checkWords()
        let bodies = statement.heredocs.map { "\n\($0.body)\($0.name)" }.joined()
        return OnbuildInstruction(trigger: trigger.original + bodies, keyword: trigger.keyword)
    }

    /// What can be wrong with a trigger before anything triggers it.
    private func checkWords() throws(SyntaxError) {
        switch statement.name {
        case "ENV", "LABEL": _ = try assignments()
        case "RUN", "CMD", "ENTRYPOINT", "SHELL", "COPY", "ADD", "VOLUME": _ = try jsonForm()
        default: break
        }
    }
}
