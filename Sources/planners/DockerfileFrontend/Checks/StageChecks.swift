import DockerfileSyntax
import Reporting

/// What the checks say of the instructions of one stage that is built, one after the other.
struct StageChecks {
    /// The last CMD, ENTRYPOINT and HEALTHCHECK so far, by name.
    private var last: [String: SourceRange] = [:]

    /// Looks at an instruction before it is carried out. `range` is where it stands in the file, for a trigger where the
    /// FROM does that brought it; `hasShell` says whether SHELL was said before it, in the base image too.
    mutating func look(
        at instruction: Instruction,
        _ range: SourceRange,
        hasShell: Bool,
        _ findings: inout FindingCollector
    ) {
        switch instruction.kind {
        case .cmd(let command), .entrypoint(let command):
            checkRepetition(of: instruction, range, &findings)
            if !hasShell, case .shell = command.form {
                findings.warn(
                    .jsonArgsRecommended,
                    "JSON arguments recommended for \(instruction.name) to prevent unintended behavior related to "
                        + "OS signals",
                    at: range
                )
            }
        case .healthcheck: checkRepetition(of: instruction, range, &findings)
        case .env(let assignments):
            checkFormat(of: assignments, instruction, range, &findings)
            checkSecrets(in: assignments, instruction, range, &findings)
        case .label(let assignments): checkFormat(of: assignments, instruction, range, &findings)
        case .arg(let assignments): checkSecrets(in: assignments, instruction, range, &findings)
        default: break
        }
    }

    /// Only the last one of a stage counts; the finding stands at those that don't.
    private mutating func checkRepetition(
        of instruction: Instruction,
        _ range: SourceRange,
        _ findings: inout FindingCollector
    ) {
        if let earlier = last.updateValue(range, forKey: instruction.name) {
            findings.warn(
                .multipleInstructionsDisallowed,
                "Multiple \(instruction.name) instructions should not be used in the same stage because only the last "
                    + "one will be used",
                at: earlier
            )
        }
    }

    private func checkFormat(
        of assignments: [Assignment],
        _ instruction: Instruction,
        _ range: SourceRange,
        _ findings: inout FindingCollector
    ) {
        guard assignments.contains(where: \.isLegacy) else { return }
        let name = instruction.name
        findings.warn(
            .legacyKeyValueFormat,
            "\"\(name) key=value\" should be used instead of legacy \"\(name) key value\" format",
            at: range
        )
    }

    private func checkSecrets(
        in assignments: [Assignment],
        _ instruction: Instruction,
        _ range: SourceRange,
        _ findings: inout FindingCollector
    ) {
        for name in assignments.map(\.name.text) where Self.soundsSecret(name) {
            findings.warn(
                .secretsUsedInArgOrEnv,
                "Do not use ARG or ENV instructions for sensitive data (\(instruction.name) \(name.goQuoted))",
                at: range
            )
        }
    }

    private static let secretWords: Set<String> = [
        "apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token",
    ]

    private static func soundsSecret(_ name: String) -> Bool {
        let words = name.lowercased().split(separator: "_").map(String.init)
        guard words.contains(where: secretWords.contains) else { return false }
        return !words.contains { ["public", "file", "version"].contains($0) }
    }
}

extension Lowerer {
    /// EXPOSE is looked at when its variables are known.
    mutating func checkPort(_ text: String, _ port: PortSpecification, at range: SourceRange) {
        if let written = port.writtenProtocol, written != written.lowercased() {
            findings.warn(
                .exposeProtoCasing,
                "Defined protocol '\(text)' in EXPOSE instruction should be lowercase",
                at: range
            )
        }
        if port.hasHostPart {
            findings.warn(
                .exposeInvalidFormat,
                "EXPOSE instruction should not define an IP address or host-port mapping, found '\(text)'",
                at: range
            )
        }
    }

    /// Sources of the context that the ignore file leaves out. With patterns that take paths back in nobody can tell
    /// without looking at the files.
    mutating func checkIgnored(_ sources: [String], _ instruction: Instruction, at range: SourceRange) {
        guard let ignored = options.ignored, !ignored.hasExceptions else { return }
        let verb = instruction.name == "ADD" ? "Add" : "Copy"
        for source in sources where !RemoteSource.isAddress(source) {
            let path = CleanPath.clean(source)
            let name = path.hasPrefix("/") ? String(path.dropFirst()) : path
            let isLeftOut =
                name.isEmpty || name == "."
                ? ignored.rules.contains { ["*", "**", "**/*"].contains($0.pattern) } : ignored.match(name).isIgnored
            guard isLeftOut else { continue }
            findings.warn(
                .copyIgnoredFile,
                "Attempting to \(verb) file \(path.goQuoted) that is excluded by .dockerignore",
                at: range
            )
        }
    }
}
