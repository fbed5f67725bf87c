import ByteStreams

/// Collects small writes into large ones. The last are only sent by `flush`.
final class CoalescingSink: ByteSink {
    private let downstream: any ByteSink
    private var buffer: [UInt8] = []
    private static let capacity = 262_144

    init(_ downstream: any ByteSink) {
        self.downstream = downstream
        buffer.reserveCapacity(Self.capacity)
    }

    func write(_ bytes: Span<UInt8>) throws(StreamError) {
        let isLarge = bytes.count >= Self.capacity / 2
        if isLarge || buffer.count + bytes.count > Self.capacity { try flush() }
        if isLarge { return try downstream.write(bytes) }
        bytes.withUnsafeBufferPointer { buffer.append(contentsOf: $0) }
    }

    func flush() throws(StreamError) {
        if buffer.isEmpty { return }
        // Taken out, since the span must not be of a value that others could change meanwhile.
        var full: [UInt8] = []
        swap(&full, &buffer)
        try downstream.write(full.span)
        full.removeAll(keepingCapacity: true)
        swap(&full, &buffer)
    }
}
