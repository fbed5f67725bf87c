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
    private let workers: Workers
    private let cancellation: Cancellation
    private let progress: ProgressSink
    private var begun: [BuildGraph.VertexDigest: Task<Output, any Error>] = [:]
    private var failure: (any Error)?
    private let digests: [BuildGraph.VertexDigest]

    /// - Parameter cancellation: whoever cancels it calls the build off; so does the solver when a step fails.
    public init(
        _ graph: BuildGraph,
        executor: Executor,
        workers: Workers,
        cancellation: Cancellation = Cancellation(),
        progress: @escaping ProgressSink
    ) {
        self.graph = graph
        self.executor = executor
        self.workers = workers
        self.cancellation = cancellation
        self.progress = progress
        digests = graph.vertexDigests()
    }

    /// The result of `edge`; see the other `solve`.
    public func solve(_ edge: Edge) async throws -> Output { try await solve([edge])[0] }

    /// The results of several edges, in their order; what they share is done once.
    ///
    /// The first failure of a step calls off what hasn't begun, ends what is at work, and is what is thrown; it is thrown when
    /// nothing is at work any more. A build that was called off throws `CancellationError`.
    public func solve(_ edges: [Edge]) async throws -> [Output] {
        let wanted = edges.map { task(for: $0.vertex) }
        return try await withTaskCancellationHandler {
            var outputs: [Output] = []
            for task in wanted {
                switch await task.result {
                case .success(let output): outputs.append(output)
                case .failure(let error):
                    cancellation.cancel()
                    for task in begun.values { _ = await task.result }
                    throw failure ?? error
                }
            }
            return outputs
        } onCancel: {
            cancellation.cancel()
        }
    }

    private func task(for id: VertexID) -> Task<Output, any Error> {
        let digest = digests[id]
        if let known = begun[digest] { return known }
        let vertex = graph.vertices[id]
        let inputs = vertex.inputs.map { $0.map { task(for: $0.vertex) } }
        let new = Task { try await self.result(of: vertex, inputs: inputs) }
        begun[digest] = new
        return new
    }

    private nonisolated func result(of vertex: Vertex, inputs: [Task<Output, any Error>?]) async throws -> Output {
        var results: [Output?] = []
        for input in inputs { results.append(try await input?.value) }
        let turn = Turn(task: vertex.id, cancellation: cancellation, cores: workers.cores)
        let step = Step(vertex: vertex, inputs: results, executor: executor, turn: turn, progress: progress)
        do {
            let cores = workers.cores
            return try await workers.pool.run { () throws(any Error) in try cores.holding { try step.perform() } }
        } catch {
            await fail(error)
            throw error
        }
    }

    /// The first step that fails by itself ends the build at once, even while others are waited for.
    private func fail(_ error: any Error) {
        if error is CancellationError || failure != nil { return }
        failure = error
        cancellation.cancel()
    }
}

/// One vertex with everything that it needs, ready to be carried out on a thread that may block.
private struct Step<Executor: OperationExecutor>: Sendable {
    var vertex: Vertex
    var inputs: [Executor.Output?]
    var executor: Executor
    var turn: Turn
    var progress: ProgressSink

    func perform() throws -> Executor.Output {
        try turn.cancellation.check()
        progress(.started(vertex.id, title: vertex.title))
        do {
            let (output, outcome) = try recallOrExecute()
            progress(.finished(vertex.id, outcome))
            return output
        } catch {
            // What goes wrong in a step that was called off is what calling it off did.
            if turn.cancellation.isCancelled || error is CancellationError {
                progress(.finished(vertex.id, .cancelled))
                throw CancellationError()
            }
            progress(.finished(vertex.id, .failed("\(error)")))
            throw error
        }
    }

    private func recallOrExecute() throws -> (Executor.Output, ProgressEvent.Outcome) {
        switch try executor.recall(vertex, inputs: inputs) {
        case .hit(let output):
            return (output, .cached)
        case .miss(let pending):
            try turn.cancellation.check()
            let execution = try executor.execute(vertex, inputs: inputs, pending: pending, turn: turn)
            return (execution.output, execution.wasKnown ? .cached : .done)
        }
    }
}
