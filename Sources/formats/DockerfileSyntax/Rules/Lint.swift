import Reporting

/// The checks that need nothing but the text.
struct Lint {
    /// Lines without text inside continued instructions.
    var emptyLines: [Int]

    func check(_ file: Dockerfile) -> [Diagnostic] {
        var findings = Findings(file: file.file)
        for line in emptyLines {
            let place = SourcePosition(line: line)
            findings.add(.noEmptyContinuation, "Empty continuation line", at: SourceRange(start: place, end: place))
        }
        checkCasing(file, &findings)
        for stage in file.stages {
            checkFrom(stage, of: file, &findings)
            checkInstructions(of: stage, &findings)
            checkRepetition(in: stage, &findings)
        }
        for instruction in file.allInstructions { checkSecrets(instruction, &findings) }
        return file.allowed(findings.all).sorted {
            ($0.ranges.first?.start ?? .init(line: 0)) < ($1.ranges.first?.start ?? .init(line: 0))
        }
    }

    struct Findings {
        let file: String
        var all: [Diagnostic] = []

        mutating func add(_ rule: LintRule, _ message: String, at range: SourceRange) {
            all.append(rule.finding(message, at: range, file: file))
        }
    }

    /// All keywords in upper case, or all in lower case: what the majority does.
    private func checkCasing(_ file: Dockerfile, _ findings: inout Findings) {
        let keywords = file.allInstructions.map(\.keyword)
        let upper = keywords.count { $0.text == $0.text.uppercased() }
        let lower = keywords.count { $0.text == $0.text.lowercased() }
        let wantsUpper = upper >= lower
        for keyword in keywords {
            let wanted = wantsUpper ? keyword.text.uppercased() : keyword.text.lowercased()
            guard keyword.text != wanted else { continue }
            findings.add(
                .consistentInstructionCasing,
                "Command '\(keyword)' should match the case of the command majority "
                    + "(\(wantsUpper ? "uppercase" : "lowercase"))",
                at: keyword.range
            )
        }
    }

    private func checkFrom(_ stage: Stage, of file: Dockerfile, _ findings: inout Findings) {
        let from = stage.from
        if let platform = from.platform, ["$TARGETPLATFORM", "${TARGETPLATFORM}"].contains(platform.text) {
            findings.add(
                .redundantTargetPlatform,
                "Setting platform to predefined \(platform) in FROM is redundant as this is the default behavior",
                at: platform.range
            )
        } else if let platform = from.platform, !platform.text.contains("$"), !isNamed(stage, after: platform.text) {
            findings.add(
                .fromPlatformFlagConstDisallowed,
                "FROM --platform flag should not use constant value \(platform.text.goQuoted)",
                at: platform.range
            )
        }
        guard let name = from.stageName, let lower = from.name else { return }
        if name.text != lower {
            findings.add(.stageNameCasing, "Stage name '\(name)' should be lowercase", at: name.range)
        }
        if let asKeyword = from.asKeyword {
            let keyword = stage.instruction.keyword.text
            let isConsistent =
                (keyword == keyword.uppercased() && asKeyword.text == "AS")
                || (keyword == keyword.lowercased() && asKeyword.text == "as")
            if !isConsistent {
                findings.add(
                    .fromAsCasing,
                    "'\(asKeyword)' and '\(keyword)' keywords' casing do not match",
                    at: asKeyword.range
                )
            }
        }
        if file.stage(named: lower, before: stage.index) != nil {
            findings.add(
                .duplicateStageName,
                "Duplicate stage name \(lower.goQuoted), stage names should be unique",
                at: name.range
            )
        }
        if ["scratch", "context"].contains(lower) {
            findings.add(
                .reservedStageName,
                "Stage name should not use the same name as reserved stage \(lower.goQuoted)",
                at: name.range
            )
        }
    }

    /// A stage that is named for its platform means it.
    private func isNamed(_ stage: Stage, after platform: String) -> Bool {
        guard let name = stage.name else { return false }
        return platform.split(separator: "/").contains { name.contains($0.lowercased()) }
    }

    private func checkInstructions(of stage: Stage, _ findings: inout Findings) {
        var hasShell = false
        for instruction in stage.instructions {
            switch instruction.kind {
            case .shell: hasShell = true
            case .cmd(let command), .entrypoint(let command):
                if !hasShell, !command.isEmpty, case .shell = command.form {
                    findings.add(
                        .jsonArgsRecommended,
                        "JSON arguments recommended for \(instruction.name) to prevent unintended behavior related "
                            + "to OS signals",
                        at: instruction.range
                    )
                }
            case .maintainer:
                findings.add(
                    .maintainerDeprecated,
                    "Maintainer instruction is deprecated in favor of using label",
                    at: instruction.range
                )
            case .env(let assignments), .label(let assignments):
                for assignment in assignments where assignment.isLegacy {
                    let name = instruction.name
                    findings.add(
                        .legacyKeyValueFormat,
                        "\"\(name) key=value\" should be used instead of legacy \"\(name) key value\" format",
                        at: instruction.range
                    )
                }
            case .expose(let words):
                for word in words { checkPort(word, &findings) }
            default: break
            }
        }
    }

    private func checkPort(_ word: Word, _ findings: inout Findings) {
        // What isn't a port yet, or no port at all, is somebody else's to judge.
        guard !word.text.contains("$"), let port = try? PortSpecification(word.text) else { return }
        if let written = port.writtenProtocol, written != written.lowercased() {
            findings.add(
                .exposeProtoCasing,
                "Defined protocol '\(word)' in EXPOSE instruction should be lowercase",
                at: word.range
            )
        }
        if port.hasHostPart {
            findings.add(
                .exposeInvalidFormat,
                "EXPOSE instruction should not define an IP address or host-port mapping, found '\(word)'",
                at: word.range
            )
        }
    }

    /// Only the last CMD, ENTRYPOINT and HEALTHCHECK of a stage count; the finding stands at those that don't.
    private func checkRepetition(in stage: Stage, _ findings: inout Findings) {
        for name in ["CMD", "ENTRYPOINT", "HEALTHCHECK"] {
            for earlier in stage.instructions.filter({ $0.name == name }).dropLast() {
                findings.add(
                    .multipleInstructionsDisallowed,
                    "Multiple \(name) instructions should not be used in the same stage because only the last one "
                        + "will be used",
                    at: earlier.range
                )
            }
        }
    }

    private func checkSecrets(_ instruction: Instruction, _ findings: inout Findings) {
        let names: [Word]
        switch instruction.kind {
        case .arg(let assignments), .env(let assignments): names = assignments.map(\.name)
        default: return
        }
        for name in names where Self.soundsSecret(name.text) {
            findings.add(
                .secretsUsedInArgOrEnv,
                "Do not use ARG or ENV instructions for sensitive data (\(instruction.name) \(name.text.goQuoted))",
                at: name.range
            )
        }
    }

    private static let secretWords: Set<String> = [
        "apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token",
    ]

    static func soundsSecret(_ name: String) -> Bool {
        let words = name.lowercased().split(separator: "_").map(String.init)
        guard words.contains(where: secretWords.contains) else { return false }
        return !words.contains { ["public", "file", "version"].contains($0) }
    }
}
