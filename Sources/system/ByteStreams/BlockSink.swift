private import LinuxSystem

/// Cuts what it is given into blocks of one size, has each worked on by one of several threads, and hands the results on
/// in order.
///
/// What the results are doesn't depend on how many threads there are, nor on how the bytes are cut into writes. At most
/// twice as many blocks as threads are in memory.
public final class BlockSink<Output: Sendable>: FinishableSink {
    /// How the stream is cut and worked on.
    public struct Plan: Sendable {
        /// In bytes.
        public var blockSize: Int
        /// At least one.
        public var threads: Int

        /// A plan from its parts.
        public init(blockSize: Int, threads: Int) {
            self.blockSize = blockSize
            self.threads = max(1, threads)
        }
    }

    /// What is done with a block: as many bytes as every block has; the last has what is left, which may be nothing.
    public typealias Work = @Sendable ([UInt8]) -> Result<Output, StreamError>

    private let plan: Plan
    private let work: Work
    private let emit: (Output) throws(StreamError) -> Void
    private let desk: Desk
    private var hasThreads = false
    private var bytes: [UInt8] = []
    private var isFinished = false
    /// How many blocks were given to the threads, and how many came back.
    private var given = 0
    private var taken = 0

    /// Starts the threads. `work` runs on them; `emit` is called by whoever writes, in the order of the blocks.
    public init(_ plan: Plan, work: @escaping Work, emit: @escaping (Output) throws(StreamError) -> Void) {
        self.plan = plan
        self.work = work
        self.emit = emit
        desk = Desk()
        bytes.reserveCapacity(plan.blockSize)
        for _ in 0..<plan.threads {
            let desk = desk
            if DetachedThread.start({ desk.serve(work) }) { hasThreads = true }
        }
    }

    deinit { desk.close() }

    /// Takes all of `more`; see `ByteSink`.
    public func write(_ more: Span<UInt8>) throws(StreamError) {
        precondition(!isFinished, "write after finish")
        var start = 0
        while start < more.count {
            if bytes.count == plan.blockSize { try submit(isLast: false) }
            let count = min(more.count - start, plan.blockSize - bytes.count)
            more.extracting(start..<start + count).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
            start += count
        }
    }

    /// Hands on the rest; see `FinishableSink`.
    public func finish() throws(StreamError) {
        precondition(!isFinished, "finished twice")
        isFinished = true
        try submit(isLast: true)
        while taken < given { try collect() }
        desk.close()
    }

    private func submit(isLast: Bool) throws(StreamError) {
        let block = bytes
        bytes = []
        if !isLast { bytes.reserveCapacity(plan.blockSize) }
        guard hasThreads else { return try emit(work(block).get()) }
        desk.put(block, number: given)
        given += 1
        if given - taken >= 2 * plan.threads { try collect() }
    }

    private func collect() throws(StreamError) {
        let result = desk.take(taken)
        taken += 1
        try emit(result.get())
    }

    /// Where blocks wait for a thread and results for their turn.
    private final class Desk: Sendable {
        private struct State {
            /// Oldest first.
            var waiting: [(number: Int, block: [UInt8])] = []
            var done: [Int: Result<Output, StreamError>] = [:]
            var isClosed = false
        }

        private enum Order {
            case work(Int, [UInt8])
            case stop
        }

        private let state = Guarded(State())

        func put(_ block: [UInt8], number: Int) { state.update { $0.waiting.append((number, block)) } }

        func take(_ number: Int) -> Result<Output, StreamError> { state.wait { $0.done.removeValue(forKey: number) } }

        func close() {
            state.update { state in
                state.isClosed = true
                state.waiting = []
            }
        }

        /// The life of one thread.
        func serve(_ work: Work) {
            while true {
                let order: Order = state.wait { state in
                    if state.isClosed { return .stop }
                    if state.waiting.isEmpty { return nil }
                    let (number, block) = state.waiting.removeFirst()
                    return .work(number, block)
                }
                guard case .work(let number, let block) = order else { return }
                let result = work(block)
                state.update { $0.done[number] = result }
            }
        }
    }
}
