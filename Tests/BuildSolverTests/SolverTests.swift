import BuildDefinition
import BuildSolver
import ByteStreams
import LinuxSystem
import OCISpec
import Reporting
import Synchronization
import Testing

/// An executor that counts what it is asked, and whose outputs name what they were made from.
private final class CountingExecutor: OperationExecutor {
    struct Counts { var recalled: [String] = [], executed: [String] = [] }

    let counts = Mutex(Counts())
    let known: Set<String>
    /// What a step does by its title; it throws to fail.
    let work: @Sendable (String, Turn) throws -> Void

    init(known: Set<String> = [], work: @escaping @Sendable (String, Turn) throws -> Void = { _, _ in }) {
        self.known = known
        self.work = work
    }

    func recall(_ vertex: Vertex, inputs: [String?]) throws -> Recollection<String, Int> {
        counts.withLock { $0.recalled.append(vertex.title) }
        return known.contains(vertex.title) ? .hit(name(vertex, inputs)) : .miss(vertex.id)
    }

    func execute(_ vertex: Vertex, inputs: [String?], pending: Int, turn: Turn) throws -> Execution<String> {
        #expect(pending == vertex.id && turn.task == vertex.id)
        counts.withLock { $0.executed.append(vertex.title) }
        try work(vertex.title, turn)
        return Execution(name(vertex, inputs))
    }

    private func name(_ vertex: Vertex, _ inputs: [String?]) -> String {
        "\(vertex.title)(\(inputs.map { $0 ?? "-" }.joined(separator: ",")))"
    }
}

/// The steps' outcomes in the order in which they came.
private final class Outcomes: Sendable {
    private let all = Mutex<[String]>([])
    var texts: [String] { all.withLock { $0 } }
    var sink: ProgressSink {
        { [self] event in
            switch event {
            case .started(_, let title): all.withLock { $0.append("started \(title)") }
            case .finished(let task, .failed): all.withLock { $0.append("\(task) failed") }
            case .finished(let task, let outcome): all.withLock { $0.append("\(task) \(outcome)") }
            default: break
            }
        }
    }
}

@Suite struct SolverTests {
    private let workers = Workers(cores: 2, steps: 4)

    private func run(_ text: String) -> BuildDefinition.Operation { .run(RunOperation(arguments: [text])) }

    /// A graph whose result `end` needs all of these, which are independent of each other.
    private func independent(_ titles: String...) -> (graph: BuildGraph, end: Edge) {
        var graph = BuildGraph()
        let edges = titles.map { graph.add(run($0), inputs: [nil], title: $0) }
        let end = graph.add(run("end"), inputs: edges, title: "end")
        return (graph, end)
    }

    @Test func inputsComeFirstAndResultsAreHandedOn() async throws {
        var graph = BuildGraph()
        let a = graph.add(run("a"), inputs: [nil], title: "a")
        let b = graph.add(run("b"), inputs: [a], title: "b")
        graph.add(run("c"), inputs: [a], title: "c")
        let executor = CountingExecutor()
        let solver = Solver(graph, executor: executor, workers: workers, progress: { _ in })
        #expect(try await solver.solve(b) == "b(a(-))")
        // What the result doesn't need is never looked at.
        #expect(executor.counts.withLock { $0.recalled } == ["a", "b"])
    }

    @Test func whatIsKnownIsNotDoneAgain() async throws {
        var graph = BuildGraph()
        let a = graph.add(run("a"), inputs: [nil], title: "a")
        let b = graph.add(run("b"), inputs: [a], title: "b")
        let executor = CountingExecutor(known: ["a"])
        let outcomes = Outcomes()
        _ = try await Solver(graph, executor: executor, workers: workers, progress: outcomes.sink).solve(b)
        #expect(executor.counts.withLock { $0.executed } == ["b"])
        #expect(outcomes.texts == ["started a", "0 cached", "started b", "1 done"])
    }

    @Test func equalVerticesAreDoneOnce() async throws {
        var graph = BuildGraph()
        let left = graph.add(run("same"), inputs: [nil], title: "left")
        let right = graph.add(run("same"), inputs: [nil], title: "right")
        let both = graph.add(run("both"), inputs: [left, right], title: "both")
        let executor = CountingExecutor()
        _ = try await Solver(graph, executor: executor, workers: workers, progress: { _ in }).solve(both)
        #expect(executor.counts.withLock { $0.executed.count } == 2)
    }

    @Test func stepsThatWaitLendTheirCores() async throws {
        // Three meet in one place, though there is one core: each waits until all have come.
        let (graph, end) = independent("a", "b", "c")
        let here = Guarded(0)
        let executor = CountingExecutor { title, turn in
            if title == "end" { return }
            turn.waiting {
                here.update { $0 += 1 }
                here.wait { $0 == 3 ? () : nil }
            }
        }
        let solver = Solver(graph, executor: executor, workers: Workers(cores: 1, steps: 3), progress: { _ in })
        #expect(try await solver.solve(end) == "end(a(-),b(-),c(-))")
    }

    @Test func stepsThatWorkKeepTheirCores() async throws {
        let (graph, end) = independent("a", "b", "c", "d", "e")
        let running = Guarded((now: 0, most: 0))
        let executor = CountingExecutor { _, _ in
            running.update { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            running.update { $0.now -= 1 }
        }
        _ = try await Solver(graph, executor: executor, workers: Workers(cores: 2, steps: 5), progress: { _ in })
            .solve(end)
        #expect(running.wait { $0.most } <= 2)
    }

    @Test func theFirstFailureIsThrownAndEndsTheWork() async throws {
        var graph = BuildGraph()
        let a = graph.add(run("a"), inputs: [nil], title: "a")
        let b = graph.add(run("b"), inputs: [a], title: "b")
        let executor = CountingExecutor { title, _ in throw PlainFailure(.internal, "\(title) failed") }
        let solver = Solver(graph, executor: executor, workers: workers, progress: { _ in })
        let failure = await #expect(throws: PlainFailure.self) { try await solver.solve(b) }
        #expect(failure?.description == "a failed")
        #expect(executor.counts.withLock { $0.executed } == ["a"])
    }

    @Test func aFailureEndsWhatIsAtWork() async throws {
        // "long" comes first among the inputs and would wait for ever; "bad" fails while it does.
        let (graph, end) = independent("long", "bad")
        let hasEnded = Guarded(false)
        let isWaiting = Guarded(false)
        let executor = CountingExecutor { title, turn in
            if title == "bad" {
                isWaiting.wait { $0 ? () : nil }
                throw PlainFailure(.conflict, "bad failed")
            }
            let wake = Guarded(false)
            turn.waiting {
                turn.cancellation.whenCancelled({ wake.update { $0 = true } }) {
                    isWaiting.update { $0 = true }
                    wake.wait { $0 ? () : nil }
                }
            }
            hasEnded.update { $0 = true }
            throw PlainFailure(.internal, "what being killed looks like")
        }
        let outcomes = Outcomes()
        let solver = Solver(graph, executor: executor, workers: workers, progress: outcomes.sink)
        let failure = await #expect(throws: PlainFailure.self) { try await solver.solve(end) }
        #expect(failure?.description == "bad failed")
        #expect(hasEnded.wait { $0 }, "solve came back while a step was at work")
        #expect(outcomes.texts.suffix(2) == ["1 failed", "0 cancelled"])
        #expect(!executor.counts.withLock { $0.executed }.contains("end"))
    }

    @Test func aBuildCanBeCalledOff() async throws {
        let (graph, end) = independent("a", "b")
        let cancellation = Cancellation()
        let executor = CountingExecutor { title, turn in
            if title == "a" { cancellation.cancel() }
            let wake = Guarded(false)
            turn.cancellation.whenCancelled({ wake.update { $0 = true } }) { wake.wait { $0 ? () : nil } }
        }
        let solver = Solver(
            graph,
            executor: executor,
            workers: workers,
            cancellation: cancellation,
            progress: { _ in }
        )
        await #expect(throws: CancellationError.self) { try await solver.solve(end) }
    }

    @Test func cancellingTheTaskCallsTheBuildOff() async throws {
        let (graph, end) = independent("a", "b")
        let isWaiting = Guarded(false)
        let executor = CountingExecutor { _, turn in
            let wake = Guarded(false)
            turn.cancellation.whenCancelled({ wake.update { $0 = true } }) {
                isWaiting.update { $0 = true }
                wake.wait { $0 ? () : nil }
            }
        }
        let solver = Solver(graph, executor: executor, workers: workers, progress: { _ in })
        let task = Task { try await solver.solve(end) }
        await workers.whenWaiting(isWaiting)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

extension Workers {
    /// Waits on a thread that may block.
    fileprivate func whenWaiting(_ flag: Guarded<Bool>) async {
        await BlockingPool.shared.run { () throws(Never) in flag.wait { $0 ? () : nil } }
    }
}
