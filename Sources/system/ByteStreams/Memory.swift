/// Bytes in memory, as a source.
public final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0

    /// A source of these bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the next bytes; see `ByteSource`.
    public func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let count = min(buffer.count - start, bytes.count - position)
        if count > 0 {
            buffer.replaceSubrange(start..<start + count, with: bytes[position..<position + count])
            position += count
        }
        return count
    }
}

/// Collects bytes in memory, up to a limit.
public final class MemorySink: ByteSink {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []
    private let limit: Int

    /// A sink that takes at most `limit` bytes.
    public init(limit: Int = .max) { self.limit = limit }

    /// Takes all of `bytes`; see `ByteSink`.
    public func write(_ more: Span<UInt8>) throws(StreamError) {
        guard more.count <= limit - bytes.count else { throw StreamError(.tooLarge(limit: Int64(limit))) }
        bytes.reserveCapacity(bytes.count + more.count)
        more.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }
}

/// Takes bytes and forgets them.
public final class NullSink: ByteSink {
    /// A sink without bounds.
    public init() {}
    /// Takes all of `bytes`; see `ByteSink`.
    public func write(_ bytes: Span<UInt8>) {}
}
