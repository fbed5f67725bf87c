private import LinuxSystem

/// Reads its upstream on a thread of its own, some chunks ahead, so that reading (and decompressing) overlaps with what the
/// reader does.
///
/// The upstream belongs to the thread from the start. When this source goes away early, the thread ends after the read that
/// it is in, whenever that returns: a silent pipe holds up neither this source's end nor the process's.
public final class ReadAheadSource: ByteSource {
    private let ring: ChunkRing
    /// Set where the system had no thread: then there is no reading ahead, and nothing else changes.
    private let direct: (any ByteSource)?
    private var chunk: ChunkRing.Chunk?
    private var position = 0
    private var isAtEnd = false

    /// Starts reading `upstream`.
    ///
    /// At most `depth` chunks of `chunkSize` bytes are in memory.
    public init(_ upstream: any ByteSource, chunkSize: Int = 262_144, depth: Int = 8) {
        let ring = ChunkRing(chunkSize: chunkSize, depth: depth)
        let upstreamOfThread = Handover(upstream)
        let hasStarted = DetachedThread.start { Self.fill(ring, from: upstreamOfThread.value) }
        self.ring = ring
        direct = hasStarted ? nil : upstream
    }

    deinit { ring.refuse(StreamError(.cancelled)) }

    private static func fill(_ ring: ChunkRing, from upstream: any ByteSource) {
        do throws(StreamError) {
            while true {
                var bytes = try ring.takeEmpty()
                let count = try upstream.read(into: &bytes, from: 0)
                if count == 0 { return ring.end(.success(())) }
                ring.put(ChunkRing.Chunk(bytes: consume bytes, count: count))
            }
        } catch { ring.end(.failure(error)) }
    }

    /// Reads the next bytes; see `ByteSource`.
    public func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        if let direct { return try direct.read(into: &buffer, from: start) }
        if isAtEnd { return 0 }
        if chunk == nil {
            chunk = try ring.takeFilled()
            position = 0
        }
        guard let count = chunk?.count else {
            isAtEnd = true
            return 0
        }
        if position == 0, start == 0, buffer.count == ring.chunkSize { return exchange(&buffer, count: count) }
        let moved = min(count - position, buffer.count - start)
        copy(moved, into: &buffer, from: start)
        position += moved
        if position == count, let bytes = chunk.take()?.bytes { ring.give(bytes) }
        return moved
    }

    /// A reader with a buffer of the chunks' size gets the chunk itself, and its buffer goes into the ring: nothing is copied.
    private func exchange(_ buffer: inout [UInt8], count: Int) -> Int {
        guard var bytes = chunk.take()?.bytes else { return 0 }
        swap(&buffer, &bytes)
        ring.give(consume bytes)
        return count
    }

    private func copy(_ count: Int, into buffer: inout [UInt8], from start: Int) {
        let from = position
        chunk?.bytes.withUnsafeBytes { source in
            buffer.withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[start..<start + count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[from..<from + count]))
            }
        }
    }
}
