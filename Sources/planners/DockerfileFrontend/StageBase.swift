import DockerfileSyntax
import OCISpec
import Reporting

/// What a stage begins with.
enum StageBase: Hashable, Sendable {
    case scratch
    case stage(Int)
    case image(BaseReference)
    /// The files of a named context.
    case files(FileSource)

    /// What a named context gives as a base.
    init(_ source: FileSource, platform: Platform) {
        switch source.context {
        case .scratch: self = .scratch
        case .image(let reference): self = .image(BaseReference(reference: reference, platform: platform))
        case .folder, .http, .git: self = .files(source)
        }
    }
}

/// Reads FROM with the variables of the global scope.
struct BaseResolver {
    let dockerfile: Dockerfile
    let options: FrontendOptions
    let scope: GlobalScope

    private var expander: WordExpander { WordExpander(escape: dockerfile.directives.escape) }

    /// The base of a stage and its platform; nil with an error in `findings`.
    func resolve(_ stage: Stage, _ findings: inout FindingCollector) -> (base: StageBase, platform: Platform)? {
        guard let text = expand(stage.from.reference, &findings),
            let platform = platform(of: stage, &findings)
        else { return nil }
        let range = stage.from.reference.range
        guard !text.isEmpty else {
            findings.error(
                "base name (\(stage.from.reference)) should not be blank",
                at: range,
                hint: hint(for: stage)
            )
            return nil
        }
        checkDefaults(stage, &findings)
        if let index = dockerfile.stage(named: text, before: stage.index) { return (.stage(index), platform) }
        if text == "scratch" { return (.scratch, options.targetPlatform) }
        if let context = options.contexts.context(for: text, platform: platform) {
            return (StageBase(context, platform: platform), platform)
        }
        do {
            let reference = try ImageReference(text).withDefaultTag
            return (.image(BaseReference(reference: reference, platform: platform)), platform)
        } catch {
            findings.error(
                "failed to parse stage name \(text.goQuoted): \(error.description)",
                at: range,
                hint: error.hint
            )
            return nil
        }
    }

    private func platform(of stage: Stage, _ findings: inout FindingCollector) -> Platform? {
        guard let word = stage.from.platform else { return options.targetPlatform }
        guard let text = expand(word, &findings) else { return nil }
        guard !text.isEmpty else {
            findings.error("empty platform value from expression \(word)", at: word.range)
            return nil
        }
        do {
            return try Platform(parsing: text)
        } catch {
            findings.error("failed to parse platform \(text): \(error.description)", at: word.range)
            return nil
        }
    }

    private func expand(_ word: Word, _ findings: inout FindingCollector) -> String? {
        do {
            let expansion = try expander.expand(word.text) { scope.values[$0] }
            for name in expansion.missing where !scope.declared.contains(name) {
                let near = Suggestion.nearest(to: name, among: scope.values.keys.sorted())
                findings.warn(
                    .undefinedArgInFrom,
                    "FROM argument '\(name)' is not declared" + (near.map { " (did you mean \($0)?)" } ?? ""),
                    at: word.range
                )
            }
            return expansion.text
        } catch {
            findings.error(error.description, at: word.range)
            return nil
        }
    }

    /// Where a build argument was given that nobody declared for FROM, that is why.
    private func hint(for stage: Stage) -> String? {
        guard let names = try? expander.expand(stage.from.reference.text, lookup: { scope.values[$0] }).missing,
            let name = names.first
        else { return nil }
        return scope.declared.contains(name)
            ? "ARG \(name) has no default value; give one with --build-arg \(name)=…"
            : "FROM sees only arguments that are declared in front of the first FROM; add ARG \(name) there"
    }

    /// A base that nobody can build without build arguments is worth a word.
    private func checkDefaults(_ stage: Stage, _ findings: inout FindingCollector) {
        let word = stage.from.reference
        guard word.text.contains("$") else { return }
        // What can't be expanded was reported as an error.
        let text = (try? expander.expand(word.text) { scope.defaults[$0] }.text) ?? ""
        let isStage = dockerfile.stage(named: text, before: stage.index) != nil
        guard !isStage, text.isEmpty || (try? ImageReference(text)) == nil else { return }
        findings.warn(
            .invalidDefaultArgInFrom,
            "Default value for ARG \(word) results in empty or invalid base image name",
            at: word.range
        )
    }
}
