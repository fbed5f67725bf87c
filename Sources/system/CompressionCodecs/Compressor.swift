public import ByteStreams

/// Makes sinks that compress what they are given.
public enum Compressor {
    /// A sink that writes the compressed form of what it takes to `downstream`; call `finish` at the end.
    ///
    /// The same bytes and level give the same output, however the bytes are cut into writes: a gzip header has neither time
    /// nor name. Without `level`, each tool's own default. A level that the format doesn't have is an error.
    public static func sink(
        _ compression: Compression,
        level: Int? = nil,
        over downstream: any ByteSink
    ) throws(StreamError) -> any FinishableSink {
        switch compression {
        case .none: PassingSink(downstream)
        case .gzip: EncodingSink(try GzipEncoder(level: check(level, 0...9, "gzip") ?? 6), over: downstream)
        case .bzip2: EncodingSink(try Bzip2Encoder(level: check(level, 1...9, "bzip2") ?? 9), over: downstream)
        case .xz: EncodingSink(try XZEncoder(level: check(level, 0...9, "xz") ?? 6), over: downstream)
        case .zstd: EncodingSink(try ZstdEncoder(level: check(level, 1...22, "zstd") ?? 3), over: downstream)
        }
    }

    private static func check(
        _ level: Int?,
        _ allowed: ClosedRange<Int>,
        _ name: String
    ) throws(StreamError) -> Int? {
        guard let level, !allowed.contains(level) else { return level }
        let range = "\(allowed.lowerBound) to \(allowed.upperBound)"
        throw StreamError(.unsupported("\(name): level \(level) is not from \(range)"))
    }
}

/// No compression, with the same face.
private final class PassingSink: FinishableSink {
    private let downstream: any ByteSink
    init(_ downstream: any ByteSink) { self.downstream = downstream }
    func write(_ bytes: Span<UInt8>) throws(StreamError) { try downstream.write(bytes) }
    func finish() {}
}
