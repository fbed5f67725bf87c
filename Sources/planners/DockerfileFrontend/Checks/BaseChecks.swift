import DockerfileSyntax
import OCISpec
import Reporting

/// What the checks say of FROM: they look at every stage, whatever is built.
extension BaseResolver {
    func check(_ stage: Stage, _ findings: inout FindingCollector) {
        checkDefaults(stage, &findings)
        checkArguments(of: stage.from.reference, stage, &findings)
        guard let platform = stage.from.platform else { return }
        checkArguments(of: platform, stage, &findings)
        checkPlatform(platform, stage, &findings)
    }

    /// FROM sees only what is declared in front of it.
    private func checkArguments(of word: Word, _ stage: Stage, _ findings: inout FindingCollector) {
        // What can't be expanded is an error of the build.
        guard let expansion = try? expander.expand(word.text, lookup: { scope.values[$0] }) else { return }
        let known = scope.declared.union(scope.values.keys)
        for name in expansion.missing where !known.contains(name) {
            let near = Suggestion.nearest(to: name, among: known.sorted())
            findings.warn(
                .undefinedArgInFrom,
                "FROM argument '\(name)' is not declared" + (near.map { " (did you mean \($0)?)" } ?? ""),
                at: stage.instruction.range
            )
        }
    }

    private func checkPlatform(_ word: Word, _ stage: Stage, _ findings: inout FindingCollector) {
        guard let expansion = try? expander.expand(word.text, lookup: { scope.values[$0] }) else { return }
        let range = stage.instruction.range
        if expansion.used == ["TARGETPLATFORM"], expansion.missing.isEmpty,
            expansion.text == scope.values["TARGETPLATFORM"]
        {
            findings.warn(
                .redundantTargetPlatform,
                "Setting platform to predefined \(word) in FROM is redundant as this is the default behavior",
                at: range
            )
        } else if expansion.used.isEmpty, expansion.missing.isEmpty,
            let platform = try? Platform(parsing: expansion.text), !Self.isNamed(stage, after: platform)
        {
            findings.warn(
                .fromPlatformFlagConstDisallowed,
                "FROM --platform flag should not use constant value \(expansion.text.goQuoted)",
                at: range
            )
        }
    }

    /// A stage that is named for its platform means it.
    private static func isNamed(_ stage: Stage, after platform: Platform) -> Bool {
        guard let name = stage.name else { return false }
        return name.contains(platform.os) || name.contains(platform.architecture)
    }

    /// A base that nobody can build on without build arguments is worth a word.
    private func checkDefaults(_ stage: Stage, _ findings: inout FindingCollector) {
        let word = stage.from.reference
        // What can't be expanded is an error of the build.
        guard word.text.contains("$"), let text = try? expander.expand(word.text, lookup: { scope.defaults[$0] }).text
        else { return }
        guard text.isEmpty || (try? ImageReference(text)) == nil else { return }
        findings.warn(
            .invalidDefaultArgInFrom,
            "Default value for ARG \(word) results in empty or invalid base image name",
            at: stage.instruction.range
        )
    }
}
