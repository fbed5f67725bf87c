public import ByteStreams

/// A step's turn at work: who it is, and what it may ask for meanwhile.
public struct Turn: Sendable {
    /// The step as progress knows it.
    public let task: Int
    /// Cancelled when the build is called off or another step has failed.
    public let cancellation: Cancellation
    private let cores: Permits

    /// Makes one; `cores` holds the permit that the step works with.
    public init(task: Int, cancellation: Cancellation, cores: Permits) {
        self.task = task
        self.cancellation = cancellation
        self.cores = cores
    }

    /// Runs `body`, which only waits for another program or machine: another step may use the core meanwhile.
    public func waiting<Result>(_ body: () throws -> Result) rethrows -> Result { try cores.lending(body) }
}

/// The threads and cores that the steps of a build share.
///
/// A step holds a core while it works itself: looks things up, copies, packs. While it waits for a program that it started, it
/// lends the core; the kernel shares the cores among programs. So steps that wait don't hold up others, and the number of
/// threads bounds how many programs run at the same time.
public struct Workers: Sendable {
    let pool: BlockingPool
    let cores: Permits

    /// - Parameters:
    ///   - cores: how many steps work at the same time.
    ///   - steps: how many are begun at the same time, those that wait included.
    public init(cores: Int, steps: Int) {
        pool = BlockingPool(threads: max(cores, steps, 1))
        self.cores = Permits(cores)
    }
}
