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

    var expander: WordExpander { WordExpander(escape: dockerfile.directives.escape) }

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
            findings.error(
                "empty platform value from expression \(word)\(suggestion(for: word))",
                at: word.range,
                hint: "FROM sees only arguments that are declared in front of the first FROM"
            )
            return nil
        }
        do {
            return try Platform(parsing: text)
        } catch {
            findings.error(
                "failed to parse platform \(text): \(error.description)\(suggestion(for: word))",
                at: word.range,
                hint: "a platform is OS/ARCHITECTURE[/VARIANT], such as linux/arm64"
            )
            return nil
        }
    }

    /// ` (did you mean X?)` where a variable of a word isn't known, and another is nearly called so.
    func suggestion(for word: Word) -> String {
        let missing = (try? expander.expand(word.text) { scope.values[$0] })?.missing ?? []
        let near = missing.lazy.compactMap { Suggestion.nearest(to: $0, among: scope.values.keys.sorted()) }.first
        return near.map { " (did you mean \($0)?)" } ?? ""
    }

    private func expand(_ word: Word, _ findings: inout FindingCollector) -> String? {
        do {
            return try expander.expand(word.text) { scope.values[$0] }.text
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
}
