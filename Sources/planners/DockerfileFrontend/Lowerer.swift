import BuildDefinition
import DockerfileSyntax
import OCISpec
import Reporting

/// Makes the graph and the config of the stages that are reached.
struct Lowerer {
    let reach: Reach
    let bases: [BaseReference: ImageConfig]
    var findings: FindingCollector
    var graph = BuildGraph()
    var states: [Int: StageState] = [:]
    /// The build arguments so far, for the outline.
    var ledger: ArgumentLedger
    /// Where the instruction stands that is being planned.
    private(set) var currentRange: SourceRange?
    private var imageEdges: [BaseReference: Edge] = [:]
    private var contextEdge: Edge?
    /// The trees of the named contexts.
    var namedEdges: [FileSource: Edge] = [:]
    /// The build arguments that some instruction declared.
    private var consumedArguments: Set<String> = []

    var options: FrontendOptions { reach.options }
    var dockerfile: Dockerfile { reach.dockerfile }
    var expander: WordExpander { WordExpander(escape: dockerfile.directives.escape) }

    init(_ reach: Reach, bases: [BaseReference: ImageConfig]) {
        self.reach = reach
        self.bases = bases
        findings = reach.findings
        ledger = ArgumentLedger(shared: reach.scope.arguments)
        consumedArguments = reach.scope.declared
    }

    /// Plans all stages; throws everything that is wrong with any of them.
    mutating func run() throws(DiagnosticsError) -> LoweredBuild {
        for index in reach.order {
            guard let reached = reach.reached[index] else { continue }
            states[index] = lower(reached)
        }
        guard findings.errors.isEmpty, var state = states[reach.target] else { throw dockerfile.failure(findings) }
        checkConsumption()
        checkCacheFilter()
        try failOnFindings()
        state.config.labels.merge(options.labels) { _, given in given }
        state.image.config = state.config
        return LoweredBuild(
            graph: graph,
            result: state.edge,
            config: state.image,
            history: state.history,
            warnings: dockerfile.findings(findings),
            outline: outline()
        )
    }

    private mutating func lower(_ reached: Reach.ReachedStage) -> StageState? {
        guard var state = begin(reached) else { return nil }
        noteBase(of: reached.stage)
        var checks = StageChecks()
        for (position, instruction) in reached.instructions.enumerated() {
            currentRange = instruction.range
            state.isTrigger = position < reached.triggerCount
            checks.look(at: instruction, instruction.range, hasShell: state.config.shell != nil, &findings)
            if case .arg(let assignments) = instruction.kind {
                consumedArguments.formUnion(assignments.map(\.name.text))
            }
            do throws(InstructionError) {
                try apply(instruction, to: &state)
            } catch {
                findings.error(
                    error.message,
                    at: state.isTrigger ? reached.stage.instruction.range : error.range ?? instruction.range,
                    hint: error.hint
                )
            }
        }
        return state
    }

    private mutating func begin(_ reached: Reach.ReachedStage) -> StageState? {
        let stage = reached.stage
        var steps = reached.instructions.count { instruction in
            switch instruction.kind {
            case .run, .copy, .add, .workdir: true
            default: false
            }
        }
        switch reached.base {
        case .scratch:
            var state = StageState(scratch: stage, platform: reached.platform)
            state.stepCount = steps
            state.namesPlatform = options.namesPlatforms
            return state
        case .files(let source):
            return begin(reached, on: source, steps: steps)
        case .stage(let index):
            guard let base = states[index] else { return nil }
            var state = StageState(stage, on: base, platform: reached.platform)
            state.stepCount = steps
            state.namesPlatform = options.namesPlatforms
            return state
        case .image(let reference):
            let known = bases[reference]
            let config = known ?? ImageConfig(platform: reference.platform)
            steps += 1
            checkPlatform(of: config, reference, stage)
            let edge = image(reference, range: stage.instruction.range)
            var state = StageState(stage, on: config, edge: edge, platform: reached.platform)
            state.stepCount = steps
            state.namesPlatform = options.namesPlatforms
            state.hasUnknownBase = known == nil
            let title = state.title("FROM \(reference.reference.canonical)", isOnlyStage: isOnlyStage)
            // Another stage may have named it first.
            if graph[edge.vertex].title.hasPrefix("FROM ") { graph.setTitle(title, of: edge.vertex) }
            return state
        }
    }

    /// `# check=error=true`: findings are errors.
    private func failOnFindings() throws(DiagnosticsError) {
        let found = dockerfile.findings(findings).filter { $0.rule != nil }
        guard dockerfile.checks.isError, let first = found.first else { return }
        let rules = Set(found.compactMap(\.rule)).sorted().joined(separator: ", ")
        let error = Diagnostic(
            .error,
            "lint violation found for rules: \(rules)",
            file: dockerfile.file,
            ranges: first.ranges,
            hint: "# check=error=true makes findings errors; # check=skip=RULE leaves a rule out"
        )
        throw DiagnosticsError(found + [error])
    }

    var isOnlyStage: Bool { dockerfile.stages.count == 1 }

    /// The vertex of an image, one for all who use it.
    mutating func image(_ reference: BaseReference, range: SourceRange) -> Edge {
        if let known = imageEdges[reference] { return known }
        let edge = graph.add(
            .image(ImageOperation(reference: reference.reference, platform: reference.platform)),
            title: "FROM \(reference.reference.canonical)",
            range: range
        )
        imageEdges[reference] = edge
        return edge
    }

    /// The vertex of the build context.
    mutating func context() -> Edge {
        if let contextEdge { return contextEdge }
        let edge = graph.add(.local(LocalOperation()), title: "[internal] load build context")
        contextEdge = edge
        return edge
    }

    /// Whether a stage takes nothing from the cache.
    func ignoresCache(_ state: StageState) -> Bool {
        options.noCache || options.noCacheFilter.contains { $0.lowercased() == state.stage.displayName }
    }

    /// A name that is no stage's keeps nothing from the cache.
    private mutating func checkCacheFilter() {
        let stages = dockerfile.stages.map(\.displayName)
        for name in options.noCacheFilter.sorted() where !stages.contains(name.lowercased()) {
            let near = Suggestion.nearest(to: name, among: stages)
            findings.add([
                Diagnostic(
                    .warning,
                    "--no-cache-filter names \"\(name)\", which is no stage"
                        + (near.map { " (did you mean \($0)?)" } ?? ""),
                    file: dockerfile.file,
                    hint: near == nil ? "the stages are \(stages.joined(separator: ", "))" : nil
                )
            ])
        }
    }

    private mutating func checkPlatform(of config: ImageConfig, _ reference: BaseReference, _ stage: Stage) {
        let actual = config.platform
        guard !actual.os.isEmpty, reference.platform.distance(to: actual) == nil else { return }
        // A variant alone is a matter of how well it fits, not of whether.
        guard actual.os != reference.platform.os || actual.architecture != reference.platform.architecture else {
            return
        }
        let word = stage.from.reference.text
        // The name as it is written; one that can't be expanded has no base.
        let name = (try? expander.expand(word) { reach.scope.values[$0] }.text) ?? word
        findings.warn(
            .invalidBaseImagePlatform,
            "Base image \(name) was pulled with platform "
                + "\(actual.description.goQuoted), expected \(reference.platform.description.goQuoted) for current build",
            at: stage.instruction.range
        )
    }

    /// A build argument that nobody asked for is more often a slip than a wish.
    private mutating func checkConsumption() {
        let known = consumedArguments.union(reach.scope.defaults.keys).union(GlobalScope.proxyNames)
        let declared = dockerfile.allInstructions.flatMap { instruction -> [String] in
            if case .arg(let assignments) = instruction.kind { assignments.map(\.name.text) } else { [] }
        }
        for name in options.buildArguments.keys.sorted() where !known.contains(name) && !declared.contains(name) {
            guard !name.hasPrefix("BUILDKIT_"), name != "SOURCE_DATE_EPOCH" else { continue }
            let near = Suggestion.nearest(to: name, among: declared)
            findings.add([
                Diagnostic(
                    .warning,
                    "One or more build-args [\(name)] were not consumed",
                    file: dockerfile.file,
                    hint: near.map { "did you mean \($0)?" }
                )
            ])
        }
    }
}

/// What is wrong with one instruction, for the collector.
struct InstructionError: Error {
    var message: String
    var range: SourceRange?
    var hint: String?

    init(_ message: String, at range: SourceRange? = nil, hint: String? = nil) {
        self.message = message
        self.range = range
        self.hint = hint
    }
}
