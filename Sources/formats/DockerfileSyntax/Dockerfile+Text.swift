import Reporting

extension Dockerfile: CustomStringConvertible {
    /// The tree for people and for tests: a line an instruction with its parts below it.
    public var description: String {
        var lines: [String] = []
        if let syntax = directives.syntax { lines.append("syntax \(syntax.text.goQuoted)") }
        if directives.escape != "\\" { lines.append("escape \(directives.escape)") }
        if let check = directives.check { lines.append("check \(check.text.goQuoted)") }
        lines += globalArguments.flatMap(\.lines)
        for stage in stages {
            lines.append("stage \(stage.index)" + (stage.name.map { " \($0)" } ?? ""))
            lines += ([stage.instruction] + stage.instructions).flatMap { $0.lines.map { "  \($0)" } }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Instruction: CustomStringConvertible {
    public var description: String { lines.joined(separator: "\n") }

    fileprivate var lines: [String] {
        let place = "\(range.start.line):\(range.start.column)-\(range.end.line):\(range.end.column)"
        return comments.map { "# \($0)" } + ["\(name) \(place)"] + kind.fields.map { "    \($0.0) \($0.1)" }
    }
}

extension Instruction.Kind {
    /// Names and values, in the order of the text as far as it goes.
    fileprivate var fields: [(String, String)] {
        switch self {
        case .from(let from):
            [("platform", from.platform), ("reference", from.reference), ("name", from.stageName)].compactMap {
                name,
                word in word.map { (name, $0.text.goQuoted) }
            }
        case .arg(let assignments), .env(let assignments), .label(let assignments):
            assignments.map { assignment in
                (
                    assignment.isLegacy ? "legacy" : "assign",
                    assignment.name.text.goQuoted + (assignment.value.map { " = \($0.text.goQuoted)" } ?? "")
                )
            }
        case .run(let run): run.fields
        case .copy(let copy), .add(let copy): copy.fields
        case .cmd(let command), .entrypoint(let command): command.fields
        case .shell(let words), .volume(let words), .expose(let words): words.map { ("word", $0.text.goQuoted) }
        case .workdir(let word), .user(let word), .stopsignal(let word), .maintainer(let word):
            [("word", word.text.goQuoted)]
        case .healthcheck(let healthcheck): healthcheck.fields
        case .onbuild(let onbuild): [("trigger", onbuild.trigger.goQuoted)]
        }
    }
}

extension CommandLine {
    fileprivate var fields: [(String, String)] {
        let command =
            switch form {
            case .shell(let text): [("shell", text.goQuoted)]
            case .exec(let words): [("exec", "[" + words.map(\.goQuoted).joined(separator: ", ") + "]")]
            }
        return command + heredocs.map(\.field)
    }
}

extension Heredoc {
    fileprivate var field: (String, String) {
        let marks = (fileDescriptor == 0 ? "" : " fd \(fileDescriptor)") + (dropsTabs ? " chomped" : "")
        return ("heredoc", name + marks + (expands ? "" : " literal") + " \(body.goQuoted)")
    }
}

extension RunInstruction {
    fileprivate var fields: [(String, String)] {
        let flags = [("network", network), ("security", security)].compactMap { name, word in
            word.map { (name, $0.text.goQuoted) }
        }
        return mounts.map { ("mount", $0.text.goQuoted) } + flags + devices.map { ("device", $0.text.goQuoted) }
            + command.fields
    }
}

extension CopyInstruction {
    fileprivate var fields: [(String, String)] {
        var fields = [
            ("from", options.from), ("chown", options.chown), ("chmod", options.chmod), ("checksum", options.checksum),
        ].compactMap { name, word in word.map { (name, $0.text.goQuoted) } }
        if options.link { fields.append(("link", "true")) }
        if options.parents { fields.append(("parents", "true")) }
        if let keeps = options.keepsGitDirectory { fields.append(("keep-git-dir", "\(keeps)")) }
        if let unpack = options.unpack { fields.append(("unpack", "\(unpack)")) }
        fields += options.exclude.map { ("exclude", $0.text.goQuoted) }
        fields += sources.map { ("source", $0.text.goQuoted) }
        fields += heredocs.map(\.field)
        return fields + [("destination", destination.text.goQuoted)]
    }
}

extension HealthcheckInstruction {
    fileprivate var fields: [(String, String)] {
        guard let check else { return [("none", "")] }
        let times = [
            ("interval", check.interval), ("timeout", check.timeout), ("start-period", check.startPeriod),
            ("start-interval", check.startInterval), ("retries", Int64(check.retries)),
        ]
        return times.filter { $0.1 != 0 }.map { ($0.0, "\($0.1)") } + check.command.fields
    }
}
