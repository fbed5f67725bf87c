import BuildDefinition
import LinuxSystem
import MetadataStorage
import OCISpec

/// Says for every step of a build whether it was known, and if it wasn't, what differs from the nearest that is.
///
/// It looks at a few records a miss, found by an index, and at nothing where nobody asks.
final class CacheExplainer: Sendable {
    fileprivate struct State {
        var origins: [BuildGraph.VertexDigest: CacheUse.Origin] = [:]
        var explanations: [VertexID: StepExplanation] = [:]
    }

    private let graph: BuildGraph
    private let digests: [BuildGraph.VertexDigest]
    /// The instructions of this build: a record of one of the others isn't what a step was before.
    private let instructions: Set<String>
    private let began = Timestamp.now.epochNanoseconds
    private let state = Guarded(State())

    init(_ graph: BuildGraph) {
        self.graph = graph
        digests = graph.vertexDigests()
        instructions = Set(graph.vertices.map { CacheStep($0).description })
    }

    /// What was found out, in the order of the steps.
    var explanations: [StepExplanation] {
        state.wait { state in state.explanations.sorted { $0.key < $1.key }.map(\.value) }
    }

    func add(_ use: CacheUse) {
        state.update { state in
            state.origins[digests[use.step.vertex]] = use.origin
            switch use.origin {
            case .store: state.set(.hit(from: nil), use.step)
            case .imported(let name): state.set(.hit(from: name), use.step)
            case .built: if state.explanations[use.step.vertex] == nil { state.set(.ignored, use.step) }
            }
        }
    }

    func miss(_ step: CacheStep, _ key: BuildCache.Key, in cache: BuildCache) {
        let outcome: StepExplanation.Outcome
        do { outcome = try self.outcome(step, key, in: cache) } catch { outcome = .new }  // no build fails for this
        state.update { $0.set(outcome, step) }
    }

    private func outcome(
        _ step: CacheStep,
        _ key: BuildCache.Key,
        in cache: BuildCache
    ) throws -> StepExplanation.Outcome {
        let table = cache.metadata.cache
        if try table.result(of: key.digest.description) != nil { return .lost }
        let candidates = try table.candidates(
            for: step.row(project: cache.project, key: key),
            madeBefore: began
        )
        let like = candidates.first { $0.description == step.description || !instructions.contains($0.description) }
        guard let like, let row = try table.row(like.key) else { return .new }
        let before = row.parts.map { KeyPart($0.name, $0.value) }
        let origins = state.wait { $0.origins }
        let below = BelowComparison(graph: graph) { [digests] in origins[digests[$0]] }.change(
            of: step.vertex,
            before: Self.text("below", before),
            now: Self.text("below", key.parts)
        )
        let changes = KeyComparison(before: before, now: key.parts).changes + (below.map { [$0] } ?? [])
        guard let members = key.members, let earlier = try cache.members(of: row.key) else { return .changed(changes) }
        return .changed(changes + FileComparison.changes(from: earlier, to: members))
    }

    private static func text(_ name: String, _ parts: [KeyPart]) -> String {
        parts.first { $0.name == name }?.text ?? ""
    }
}

extension CacheExplainer.State {
    fileprivate mutating func set(_ outcome: StepExplanation.Outcome, _ step: CacheStep) {
        explanations[step.vertex] = StepExplanation(step: step.title, line: step.line, outcome: outcome)
    }
}
