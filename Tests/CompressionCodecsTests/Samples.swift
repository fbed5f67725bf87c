import ByteStreams
import CompressionCodecs
import SocleTesting

/// Bytes that compress somewhat, the same each time.
func sample(_ count: Int) -> [UInt8] {
    var state: UInt64 = 88_172_645_463_325_252
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        bytes.append(contentsOf: repeatElement(UInt8(truncatingIfNeeded: state), count: Int(state >> 60) + 1))
    }
    return Array(bytes.prefix(count))
}

/// Gives one byte at a time, to find what depends on how input is cut.
final class TricklingSource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0
    init(_ bytes: [UInt8]) { self.bytes = bytes }
    func read(into buffer: inout [UInt8], from start: Int) -> Int {
        if position == bytes.count { return 0 }
        buffer[start] = bytes[position]
        position += 1
        return 1
    }
}

func compress(_ compression: Compression, _ bytes: [UInt8], level: Int? = nil, cut: Int = .max) throws -> [UInt8] {
    let sink = MemorySink()
    let encoder = try Compressor.sink(compression, level: level, over: sink)
    var start = 0
    while start < bytes.count {
        let end = start + min(cut, bytes.count - start)
        try encoder.write(bytes.span.extracting(start..<end))
        start = end
    }
    try encoder.finish()
    return sink.bytes
}

func decompress(_ compression: Compression, _ bytes: [UInt8]) throws -> [UInt8] {
    try Decompressor.source(compression, over: MemorySource(bytes)).readAll(limit: 1 << 28)
}

/// The reason why decompressing fails; nil if it doesn't.
func failure(_ compression: Compression, _ bytes: [UInt8]) -> StreamError? {
    do { _ = try decompress(compression, bytes) } catch { return error as? StreamError }
    return nil
}

extension Compression {
    /// The program that makes and reads it.
    var tool: String { rawValue }
    static let real: [Compression] = [.gzip, .bzip2, .xz, .zstd]
}
