public import BuildDefinition
public import ByteStreams
public import Reporting

/// Schedules a build graph: each vertex once, its inputs first, independent vertices at the same time.
///
/// It knows the order of things and nothing else: what an operation means, what is cached and where results live is the
/// executor's. Two vertices with the same digest (two stages that say the same) share one execution.
public actor Solver<Executor: OperationExecutor> {
    public typealias Output = Executor.Output

    private let graph: BuildGraph
    private let executor: Executor
    private let pool: BlockingPool
    private let progress: ProgressSink
    private var inFlight: [BuildGraph.VertexDigest: Task<Output, any Error>] = [:]
    private let digests: [BuildGraph.VertexDigest]

    /// The pool's threads bound how many operations run at the same time.
    public init(_ graph: BuildGraph, executor: Executor, pool: BlockingPool, progress: @escaping ProgressSink) {
        self.graph = graph
        self.executor = executor
        self.pool = pool
        self.progress = progress
        digests = graph.vertexDigests()
    }

    /// The result of `edge`. The first failure calls off what hasn't begun, and is the one that is thrown.
    public func solve(_ edge: Edge) async throws -> Output {
        defer { inFlight.values.forEach { $0.cancel() } }
        return try await task(for: edge.vertex).value
    }

    private func task(for id: VertexID) -> Task<Output, any Error> {
        let digest = digests[id]
        if let known = inFlight[digest] { return known }
        let vertex = graph.vertices[id]
        let inputs = vertex.inputs.map { $0.map { task(for: $0.vertex) } }
        let begun = Task { try await self.result(of: vertex, inputs: inputs) }
        inFlight[digest] = begun
        return begun
    }

    private nonisolated func result(of vertex: Vertex, inputs: [Task<Output, any Error>?]) async throws -> Output {
        var results: [Output?] = []
        for input in inputs { results.append(try await input?.value) }
        try Task.checkCancellation()
        let step = Step(vertex: vertex, inputs: results, executor: executor, progress: progress)
        return try await pool.run { () throws(any Error) in try step.perform() }
    }
}

/// One vertex with everything that it needs, ready to be carried out on a thread that may block.
private struct Step<Executor: OperationExecutor>: Sendable {
    var vertex: Vertex
    var inputs: [Executor.Output?]
    var executor: Executor
    var progress: ProgressSink

    func perform() throws -> Executor.Output {
        progress(.started(vertex.id, title: vertex.title))
        do {
            let (output, outcome) = try recallOrExecute()
            progress(.finished(vertex.id, outcome))
            return output
        } catch {
            progress(.finished(vertex.id, error is CancellationError ? .cancelled : .failed("\(error)")))
            throw error
        }
    }

    private func recallOrExecute() throws -> (Executor.Output, ProgressEvent.Outcome) {
        switch try executor.recall(vertex, inputs: inputs) {
        case .hit(let output):
            return (output, .cached)
        case .miss(let pending):
            let execution = try executor.execute(vertex, inputs: inputs, pending: pending, task: vertex.id)
            return (execution.output, execution.wasKnown ? .cached : .done)
        }
    }
}
