import Reporting

extension InstructionParser {
    /// The JSON form of the arguments; an array of other things than strings is an error wherever JSON may stand.
    func jsonForm() throws(SyntaxError) -> JSONWords.Form {
        let form = JSONWords.read(text, arguments)
        if case .notStrings = form {
            throw failure(
                "when using JSON array syntax, arrays must be comprised of strings only",
                at: statement.argumentWord.range
            ).plain
        }
        return form
    }

    /// Words in JSON, or between white space.
    func wordList() throws(SyntaxError) -> [Word] {
        if case .array(let words) = try jsonForm() { return words }
        return Words.separated(text, arguments)
    }

    func command() throws(SyntaxError) -> CommandLine {
        let range = statement.argumentWord.range
        if case .array(let words) = try jsonForm() {
            return CommandLine(form: .exec(words.map(\.text)), heredocs: [], range: range)
        }
        return CommandLine(form: .shell(statement.argumentText), heredocs: statement.heredocs, range: range)
    }

    func plainCommand() throws(SyntaxError) -> CommandLine {
        let command = try command()
        try noFlags()
        return command
    }

    func run() throws(SyntaxError) -> RunInstruction {
        let command = try command()
        let flags = try FlagSet(
            statement,
            ["mount": .list, "network": .string, "security": .string, "device": .list]
        )
        var instruction = RunInstruction(command: command)
        instruction.mounts = flags.list("mount")
        for mount in instruction.mounts { try checkSource(of: mount) }
        instruction.network = flags["network"]
        instruction.security = flags["security"]
        instruction.devices = flags.list("device")
        if let network = instruction.network, !["default", "none", "host"].contains(network.text) {
            throw failure("unsupported network mode \(network.text.goQuoted)", at: network.range)
        }
        if let security = instruction.security, !["sandbox", "insecure"].contains(security.text) {
            throw failure("security \(security.text.goQuoted) is not valid", at: security.range)
        }
        return instruction
    }

    /// The source of a mount is a place in the plan, so it can't have variables.
    private func checkSource(of mount: Word) throws(SyntaxError) {
        let fields: [String]
        do {
            fields = try CommaSeparated.fields(mount.text)
        } catch {
            throw failure("failed to parse csv mounts: \(error.description)", at: mount.range)
        }
        for field in fields where field.lowercased().hasPrefix(MountOptions.fromPrefix) {
            guard let dollar = field.firstIndex(of: "$"), field.index(after: dollar) != field.endIndex else { continue }
            throw failure("'from' doesn't support variable expansion, define alias stage instead", at: mount.range)
        }
    }

    func healthcheck() throws(SyntaxError) -> HealthcheckInstruction {
        guard !arguments.isEmpty else { throw needsArguments }
        let bytes = text.bytes
        let end = bytes[arguments].firstIndex(where: ASCII.isSpace) ?? arguments.upperBound
        let type = text.word(arguments.lowerBound..<end)
        let rest = text.trimmed(end..<arguments.upperBound)
        let isJSON: Bool
        let form: CommandLine.Form
        switch JSONWords.read(text, rest) {
        case .array(let words): (isJSON, form) = (true, .exec(words.map(\.text)))
        case .notStrings:
            throw failure("when using JSON array syntax, arrays must be comprised of strings only").plain
        case .other: (isJSON, form) = (false, .shell(bytes[rest].text))
        }
        if type.text.uppercased() == "NONE" {
            guard rest.isEmpty else { throw failure("HEALTHCHECK NONE takes no arguments", at: text.range(of: rest)) }
            return HealthcheckInstruction(check: nil)
        }
        let flags = try FlagSet(
            statement,
            [
                "interval": .string, "timeout": .string, "start-period": .string, "start-interval": .string,
                "retries": .string,
            ]
        )
        guard type.text.uppercased() == "CMD" else {
            throw failure("Unknown type \(type.text.uppercased().goQuoted) in HEALTHCHECK (try CMD)", at: type.range)
        }
        let command = CommandLine(form: form, heredocs: [], range: text.range(of: rest))
        guard !command.isEmpty || (isJSON && !rest.isEmpty && command.form != .exec([])) else {
            throw failure("Missing command after HEALTHCHECK CMD")
        }
        var check = HealthcheckInstruction.Check(command: command)
        check.interval = try interval(flags, "interval")
        check.timeout = try interval(flags, "timeout")
        check.startPeriod = try interval(flags, "start-period")
        check.startInterval = try interval(flags, "start-interval")
        check.retries = try retries(flags)
        return HealthcheckInstruction(check: check)
    }

    /// A time of at least a millisecond; 0 where nothing was said.
    private func interval(_ flags: FlagSet, _ name: String) throws(SyntaxError) -> Int64 {
        guard let value = flags[name] else { return 0 }
        let time: Int64
        do {
            time = try GoDuration.nanoseconds(value.text)
        } catch {
            throw failure(error.message, at: value.range)
        }
        guard time == 0 || time >= 1_000_000 else {
            throw failure("Interval \(name.goQuoted) cannot be less than 1ms", at: value.range)
        }
        return time
    }

    private func retries(_ flags: FlagSet) throws(SyntaxError) -> Int {
        guard let value = flags["retries"] else { return 0 }
        guard let retries = Int32(value.text) else {
            throw failure("strconv.ParseInt: parsing \(value.text.goQuoted): invalid syntax", at: value.range)
        }
        guard retries >= 0 else { throw failure("--retries cannot be negative (\(retries))", at: value.range) }
        return Int(retries)
    }
}
