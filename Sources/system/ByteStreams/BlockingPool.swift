private import LinuxSystem

/// A fixed set of threads for work that blocks in system calls, so that it doesn't hold up Swift's own few.
///
/// A pool's threads live as long as the process: make few pools, or use `shared`.
public final class BlockingPool: TaskExecutor {
    private let jobs = Guarded<[UnownedJob]>([])
    private let hasThreads: Bool

    /// A pool that everybody may use for short work.
    public static let shared = BlockingPool(threads: 4)

    /// Starts the threads.
    public init(threads: Int) {
        let jobs = jobs
        let starter = Starter()
        var started = 0
        for _ in 0..<threads where DetachedThread.start({ Self.work(jobs, starter) }) { started += 1 }
        hasThreads = started > 0
        starter.pool.update { $0 = self }
    }

    /// Tells the threads, which start before the pool is whole, whose they are.
    private final class Starter: Sendable {
        let pool = Guarded<BlockingPool?>(nil)
    }

    private static func work(_ jobs: Guarded<[UnownedJob]>, _ starter: Starter) {
        let pool = starter.pool.wait { $0 }
        while true {
            let job = jobs.wait { $0.isEmpty ? nil : $0.removeFirst() }
            job.runSynchronously(on: pool.asUnownedTaskExecutor())
        }
    }

    /// Takes a job of Swift's for one of the threads.
    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        if !hasThreads { return unowned.runSynchronously(on: asUnownedTaskExecutor()) }
        jobs.update { $0.append(unowned) }
    }

    /// Runs `body` on one of the threads; the caller's thread is free meanwhile.
    public func run<Result: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let result: Swift.Result<Result, Failure> = await withTaskExecutorPreference(self) { await Self.call(body) }
        return try result.get()
    }

    @concurrent private static func call<Result: Sendable, Failure: Error>(
        _ body: @Sendable () throws(Failure) -> Result
    ) async -> Swift.Result<Result, Failure> {
        do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
}
