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
    private let instructions: Set<[String]>
    private let began = Timestamp.now.epochNanoseconds
    private let state = Guarded(State())

    init(_ graph: BuildGraph) {
        self.graph = graph
        digests = graph.vertexDigests()
        instructions = Set(graph.vertices.map { Self.instruction($0.operation.keyParts) })
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
        guard let (row, before) = try nearest(among: candidates, to: key, in: table) else { return .new }
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

    /// The first that says the same, or what no other step of this build says.
    private func nearest(
        among candidates: [CacheTable.Candidate],
        to key: BuildCache.Key,
        in table: CacheTable
    ) throws -> (CacheRow, [KeyPart])? {
        let own = Self.instruction(key.parts)
        for candidate in candidates {
            guard let row = try table.row(candidate.key) else { continue }
            let parts = row.parts.map { KeyPart($0.name, $0.value) }
            let instruction = Self.instruction(parts)
            if instruction == own || !instructions.contains(instruction) { return (row, parts) }
        }
        return nil
    }

    /// What is written in the Dockerfile, as far as no variable changes it.
    private static func instruction(_ parts: [KeyPart]) -> [String] {
        parts.filter { ["argument", "source", "inline content", "destination", "path"].contains($0.name) }.map(\.text)
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
