/// Bytes in memory, as a source.
public final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

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
    public private(set) var bytes: [UInt8] = []
    private let limit: Int

    public init(limit: Int = .max) { self.limit = limit }

    public func write(_ more: Span<UInt8>) throws(StreamError) {
        guard more.count <= limit - bytes.count else { throw StreamError(.tooLarge(limit: Int64(limit))) }
        bytes.reserveCapacity(bytes.count + more.count)
        more.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }
}

/// Takes bytes and forgets them.
public final class NullSink: ByteSink {
    public init() {}
    public func write(_ bytes: Span<UInt8>) {}
}
