import DockerfileSyntax
import OCISpec
import Reporting

/// Finds the stages that the target needs, and what they need from outside.
struct Reach {
    let dockerfile: Dockerfile
    let options: FrontendOptions
    private let bases: [BaseReference: ImageConfig]
    private(set) var findings: FindingCollector
    private(set) var scope: GlobalScope

    private(set) var target = 0
    /// The stages that are reached, a stage's needs before itself.
    private(set) var order: [Int] = []
    private(set) var reached: [Int: ReachedStage] = [:]
    private(set) var baseReferences: [BaseReference] = []
    /// Where each of them is named first.
    private(set) var places: [BaseReference: SourceRange] = [:]
    private(set) var needsContext = false
    private(set) var contextPaths: [String]? = []
    private var visiting: Set<Int> = []

    /// A stage that is built.
    struct ReachedStage {
        var stage: Stage
        var base: StageBase
        var platform: Platform
        /// The triggers of what it is built on, then its own instructions.
        var instructions: [Instruction]
        /// The triggers among them.
        var triggerCount: Int
    }

    /// What an instruction takes files from.
    enum Source: Hashable {
        case scratch
        case stage(Int)
        case image(BaseReference)
        /// The files of a named context.
        case files(FileSource)
    }

    init(_ dockerfile: Dockerfile, _ options: FrontendOptions, bases: [BaseReference: ImageConfig]) {
        self.dockerfile = dockerfile
        self.options = options
        self.bases = bases
        findings = FindingCollector(file: dockerfile.file)
        scope = GlobalScope(dockerfile, options, &findings)
        if let finding = SyntaxRequest(dockerfile, options)?.check(file: dockerfile.file) { findings.add([finding]) }
    }

    /// Goes through the stages; throws everything that keeps them from being built.
    mutating func run() throws(DiagnosticsError) {
        guard !dockerfile.stages.isEmpty else {
            throw DiagnosticsError([
                Diagnostic(
                    .error,
                    "dockerfile contains no stages to build",
                    file: dockerfile.file,
                    ranges: dockerfile.globalArguments.last.map { [$0.range] } ?? [],
                    hint: "add FROM IMAGE or FROM scratch after the arguments"
                )
            ])
        }
        target = try targetIndex()
        for stage in dockerfile.stages { resolver.check(stage, &findings) }
        visit(target)
        if options.plansAllStages { dockerfile.stages.indices.forEach { visit($0) } }
        try check()
    }

    private var resolver: BaseResolver { BaseResolver(dockerfile: dockerfile, options: options, scope: scope) }

    /// Throws if anything is wrong, with the findings so far.
    private func check() throws(DiagnosticsError) {
        if !findings.errors.isEmpty { throw dockerfile.failure(findings) }
    }

    private func targetIndex() throws(DiagnosticsError) -> Int {
        guard let name = options.target, !name.isEmpty else { return dockerfile.stages.count - 1 }
        if let index = dockerfile.stage(named: name.lowercased()) { return index }
        let names = dockerfile.stages.compactMap(\.name)
        let near = Suggestion.nearest(to: name, among: names)
        throw DiagnosticsError([
            Diagnostic(
                .error,
                "target stage \(name.goQuoted) could not be found" + (near.map { " (did you mean \($0)?)" } ?? ""),
                file: dockerfile.file,
                ranges: (near.flatMap { dockerfile.stage(named: $0) }).map { [dockerfile.stages[$0].instruction.range] }
                    ?? [],
                hint: names.isEmpty
                    ? "no stage has a name; FROM IMAGE AS \(name) gives one"
                    : "the stages are \(names.joined(separator: ", "))"
            )
        ])
    }

    private mutating func visit(_ index: Int) {
        guard reached[index] == nil else { return }
        let stage = dockerfile.stages[index]
        guard visiting.insert(index).inserted else {
            findings.error(
                "circular dependency detected on stage: \(stage.displayName)",
                at: stage.instruction.range,
                hint: "what it is built on or copies from needs it itself"
            )
            return
        }
        defer { visiting.remove(index) }
        if replace(stage) { return }
        guard let (base, platform) = resolver.resolve(stage, &findings) else { return }
        switch base {
        case .scratch, .files: break
        case .stage(let below): visit(below)
        case .image(let reference): note(reference, at: stage.from.reference.range)
        }
        let triggers = triggers(of: base, for: stage)
        let found = ReachedStage(
            stage: stage,
            base: base,
            platform: platform,
            instructions: triggers + stage.instructions,
            triggerCount: triggers.count
        )
        for (position, instruction) in found.instructions.enumerated() {
            follow(instruction, of: stage, isTrigger: position < triggers.count)
        }
        reached[index] = found
        order.append(index)
    }

    /// A named context takes the place of the stage of its name, with all that the stage says.
    private mutating func replace(_ stage: Stage) -> Bool {
        let platform = options.targetPlatform
        guard let name = stage.name, let context = options.contexts.context(for: name, platform: platform) else {
            return false
        }
        let base = StageBase(context, platform: platform)
        if case .image(let reference) = base { note(reference, at: stage.instruction.range) }
        reached[stage.index] = ReachedStage(
            stage: stage,
            base: base,
            platform: platform,
            instructions: [],
            triggerCount: 0
        )
        order.append(stage.index)
        return true
    }

    private mutating func note(_ reference: BaseReference, at range: SourceRange) {
        guard !baseReferences.contains(reference) else { return }
        baseReferences.append(reference)
        places[reference] = range
    }

    /// What the base has laid in for whoever builds on it.
    private mutating func triggers(of base: StageBase, for stage: Stage) -> [Instruction] {
        let texts: [String]
        switch base {
        case .scratch, .files: texts = []
        case .image(let reference): texts = bases[reference]?.config?.onBuild ?? []
        case .stage(let index):
            texts = dockerfile.stages[index].instructions.compactMap {
                if case .onbuild(let onbuild) = $0.kind { onbuild.trigger } else { nil }
            }
        }
        return texts.compactMap { text in
            do throws(DiagnosticsError) {
                var instruction = try Instruction(trigger: text)
                // A trigger has no place in this file; FROM is what brought it.
                instruction.range = stage.instruction.range
                return instruction
            } catch {
                findings.error("ONBUILD \(text): \(error.description)", at: stage.instruction.range)
                return nil
            }
        }
    }

    /// Follows what an instruction takes files from.
    private mutating func follow(_ instruction: Instruction, of stage: Stage, isTrigger: Bool) {
        let names: [Word]
        switch instruction.kind {
        case .copy(let copy), .add(let copy):
            names = copy.options.from.map { [$0] } ?? []
            if names.isEmpty { noteContext(copy, mayFetch: instruction.name == "ADD") }
        case .run(let run):
            names = run.mountSources
            if run.mounts.contains(where: Self.readsContext) {
                needsContext = true
                contextPaths = nil
            }
        default: return
        }
        for name in names {
            let range = isTrigger ? stage.instruction.range : name.range
            switch source(name.text, platform: options.targetPlatform) {
            case .success(.scratch), .success(.files): break
            case .success(.image(let reference)): note(reference, at: range)
            case .success(.stage(let index)):
                if index > stage.index, !depends(index, on: stage.index) {
                    let verb = instruction.name == "RUN" ? "mount" : "copy"
                    findings.error(
                        "cannot \(verb) from stage \(name.text.goQuoted), it needs to be defined before current stage "
                            + stage.displayName.goQuoted,
                        at: range,
                        hint: "move the stage \(name.text.goQuoted) in front of it"
                    )
                } else {
                    visit(index)
                }
            case .failure(let error): findings.error(error.description, at: range, hint: error.hint)
            }
        }
    }

    /// What `--from` means.
    func source(_ text: String, platform: Platform) -> Result<Source, PlainFailure> {
        switch dockerfile.reference(text) {
        case .stage(let index): return .success(.stage(index))
        case .invalidIndex(let index):
            let count = dockerfile.stages.count
            let hint = "there are \(count) stages, counted from 0" + (count > 1 ? " to \(count - 1)" : "")
            return .failure(PlainFailure(.invalidArgument, "invalid stage index \(index)", hint: hint))
        case .other("scratch"): return .success(.scratch)
        case .other(let name):
            if let context = options.contexts.context(for: name, platform: platform) {
                switch StageBase(context, platform: platform) {
                case .image(let reference): return .success(.image(reference))
                case .files(let source): return .success(.files(source))
                case .scratch, .stage: return .success(.scratch)
                }
            }
            do {
                let reference = try ImageReference(name).withDefaultTag
                return .success(.image(BaseReference(reference: reference, platform: platform)))
            } catch {
                let near = Suggestion.nearest(to: name, among: dockerfile.stages.compactMap(\.name))
                return .failure(
                    PlainFailure(
                        .invalidArgument,
                        "failed to parse stage name \(name.goQuoted): \(error.description)"
                            + (near.map { " (did you mean \($0)?)" } ?? ""),
                        hint: error.hint
                    )
                )
            }
        }
    }

    private mutating func noteContext(_ copy: CopyInstruction, mayFetch: Bool) {
        for source in copy.sources where !(mayFetch && RemoteSource.isAddress(source.text)) {
            needsContext = true
            // A path with variables may be any path.
            if source.text.contains("$") { contextPaths = nil }
            if contextPaths?.contains(source.text) == false { contextPaths?.append(source.text) }
        }
    }

    /// Whether a mount is of the build context.
    private static func readsContext(_ mount: Word) -> Bool {
        // With variables not yet known, a mount that can't be read yet may be of the context.
        guard let options = try? MountOptions(parsing: mount.text, expand: { $0 }) else {
            return !mount.text.contains("from=")
        }
        return options.kind == .bind && options.from == nil
    }

    /// Whether a stage needs another, by what it says itself.
    private func depends(_ index: Int, on wanted: Int) -> Bool {
        var seen: Set<Int> = []
        var open = [index]
        while let next = open.popLast() {
            guard seen.insert(next).inserted else { continue }
            if next == wanted { return true }
            let stage = dockerfile.stages[next]
            if let below = dockerfile.stage(named: stage.from.reference.text, before: next) { open.append(below) }
            for instruction in stage.instructions {
                let names: [Word]
                switch instruction.kind {
                case .copy(let copy): names = copy.options.from.map { [$0] } ?? []
                case .run(let run): names = run.mountSources
                default: names = []
                }
                for name in names {
                    if case .stage(let index) = dockerfile.reference(name.text) { open.append(index) }
                }
            }
        }
        return false
    }
}
