import BuildDefinition
import BuildSolver
import ByteStreams
import OCISpec
import Reporting
import Synchronization
import Testing

/// An executor that counts what it is asked, and whose outputs name what they were made from.
private final class CountingExecutor: OperationExecutor {
    struct Counts { var recalled: [String] = [], executed: [String] = [], running = 0, most = 0 }

    let counts = Mutex(Counts())
    let known: Set<String>
    let failing: String?

    init(known: Set<String> = [], failing: String? = nil) {
        self.known = known
        self.failing = failing
    }

    func recall(_ vertex: Vertex, inputs: [String?]) throws -> Recollection<String, Int> {
        counts.withLock { $0.recalled.append(vertex.title) }
        return known.contains(vertex.title) ? .hit(name(vertex, inputs)) : .miss(vertex.id)
    }

    func execute(_ vertex: Vertex, inputs: [String?], pending: Int, task: Int) throws -> Execution<String> {
        #expect(pending == vertex.id)
        counts.withLock {
            $0.executed.append(vertex.title)
            $0.running += 1
            $0.most = max($0.most, $0.running)
        }
        defer { counts.withLock { $0.running -= 1 } }
        if vertex.title == failing { throw PlainFailure(.internal, "\(vertex.title) failed") }
        return Execution(name(vertex, inputs))
    }

    private func name(_ vertex: Vertex, _ inputs: [String?]) -> String {
        "\(vertex.title)(\(inputs.map { $0 ?? "-" }.joined(separator: ",")))"
    }
}

@Suite struct SolverTests {
    private let pool = BlockingPool(threads: 2)

    private func run(_ text: String) -> BuildDefinition.Operation { .run(RunOperation(arguments: [text])) }

    @Test func inputsComeFirstAndResultsAreHandedOn() async throws {
        var graph = BuildGraph()
        let a = graph.add(run("a"), inputs: [nil], title: "a")
        let b = graph.add(run("b"), inputs: [a], title: "b")
        graph.add(run("c"), inputs: [a], title: "c")
        let executor = CountingExecutor()
        let solver = Solver(graph, executor: executor, pool: pool, progress: { _ in })
        #expect(try await solver.solve(b) == "b(a(-))")
        // What the result doesn't need is never looked at.
        #expect(executor.counts.withLock { $0.recalled } == ["a", "b"])
    }

    @Test func whatIsKnownIsNotDoneAgain() async throws {
        var graph = BuildGraph()
        let a = graph.add(run("a"), inputs: [nil], title: "a")
        let b = graph.add(run("b"), inputs: [a], title: "b")
        let executor = CountingExecutor(known: ["a"])
        let events = Mutex<[String]>([])
        let solver = Solver(graph, executor: executor, pool: pool) { event in
            switch event {
            case .started(_, let title): events.withLock { $0.append("started \(title)") }
            case .finished(let task, let outcome): events.withLock { $0.append("\(task) \(outcome)") }
            default: break
            }
        }
        _ = try await solver.solve(b)
        #expect(executor.counts.withLock { $0.executed } == ["b"])
        #expect(events.withLock { $0 } == ["started a", "0 cached", "started b", "1 done"])
    }

    @Test func equalVerticesAreDoneOnce() async throws {
        var graph = BuildGraph()
        let left = graph.add(run("same"), inputs: [nil], title: "left")
        let right = graph.add(run("same"), inputs: [nil], title: "right")
        let both = graph.add(run("both"), inputs: [left, right], title: "both")
        let executor = CountingExecutor()
        _ = try await Solver(graph, executor: executor, pool: pool, progress: { _ in }).solve(both)
        #expect(executor.counts.withLock { $0.executed.count } == 2)
    }

    @Test func theFirstFailureIsThrownAndEndsTheWork() async throws {
        var graph = BuildGraph()
        let a = graph.add(run("a"), inputs: [nil], title: "a")
        let b = graph.add(run("b"), inputs: [a], title: "b")
        let executor = CountingExecutor(failing: "a")
        let solver = Solver(graph, executor: executor, pool: pool, progress: { _ in })
        await #expect(throws: PlainFailure.self) { try await solver.solve(b) }
        #expect(executor.counts.withLock { $0.executed } == ["a"])
    }
}
