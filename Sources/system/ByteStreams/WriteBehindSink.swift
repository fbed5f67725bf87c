private import LinuxSystem

/// Writes to its downstream on a thread of its own, so that writing (and hashing, and compressing) overlaps with what
/// the writer does.
///
/// Small writes are gathered.
///
/// An error below comes back from a later `write`, at the latest from `finish`. Until `finish` returns, the downstream belongs
/// to the thread. Without `finish`, what is still waiting is dropped and the thread lets go of the downstream after the write
/// that it is in.
public final class WriteBehindSink: FinishableSink {
    private let ring: ChunkRing
    private let direct: (any ByteSink)?
    private var bytes: [UInt8] = []
    private var count = 0
    private var isFinished = false

    /// Starts the thread.
    ///
    /// At most `depth` chunks of `chunkSize` bytes are in memory.
    public init(_ downstream: any ByteSink, chunkSize: Int = 262_144, depth: Int = 8) {
        let ring = ChunkRing(chunkSize: chunkSize, depth: depth)
        let downstreamOfThread = Handover(downstream)
        let hasStarted = DetachedThread.start { Self.empty(ring, into: downstreamOfThread.value) }
        self.ring = ring
        direct = hasStarted ? nil : downstream
    }

    deinit {
        if !isFinished { ring.refuse(StreamError(.cancelled)) }
        ring.end(.failure(StreamError(.cancelled)))
    }

    /// The refusal that means that everything was written.
    private static let done = StreamError(.cancelled, subject: "finished")

    private static func empty(_ ring: ChunkRing, into downstream: any ByteSink) {
        do throws(StreamError) {
            while let chunk = try ring.takeFilled() {
                try downstream.write(chunk.bytes.span.extracting(0..<chunk.count))
                ring.give((consume chunk).bytes)
            }
            ring.refuse(done)
        } catch { ring.refuse(error) }
    }

    /// Takes all of `bytes`; see `ByteSink`.
    public func write(_ more: Span<UInt8>) throws(StreamError) {
        precondition(!isFinished, "write after finish")
        if let direct { return try direct.write(more) }
        var taken = 0
        while taken < more.count {
            if bytes.isEmpty { bytes = try ring.takeEmpty() }
            let moved = min(more.count - taken, bytes.count - count)
            copy(more.extracting(taken..<taken + moved))
            taken += moved
            if count == bytes.count { handOver() }
        }
    }

    /// Writes what was held back; see `FinishableSink`.
    public func finish() throws(StreamError) {
        precondition(!isFinished, "finished twice")
        isFinished = true
        if direct != nil { return }
        if count > 0 { handOver() }
        ring.end(.success(()))
        let answer = ring.waitForRefusal()
        if answer != Self.done { throw answer }
    }

    private func handOver() {
        // The ring must be the only owner, or whoever fills the buffer next would copy it.
        var full: [UInt8] = []
        swap(&full, &bytes)
        ring.put(ChunkRing.Chunk(bytes: consume full, count: count))
        count = 0
    }

    private func copy(_ more: Span<UInt8>) {
        let place = count
        more.withUnsafeBufferPointer { source in
            bytes.withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[place..<place + source.count])
                    .copyMemory(from: UnsafeRawBufferPointer(source))
            }
        }
        count += more.count
    }
}
