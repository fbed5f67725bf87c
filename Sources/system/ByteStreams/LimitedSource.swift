/// A source that must not be longer than a limit: a guard behind decompressors and downloads.
public final class LimitedSource: ByteSource {
    private let upstream: any ByteSource
    private let limit: Int64
    private var count: Int64 = 0

    /// Makes a source that fails with `StreamError.Reason.tooLarge` once more than `limit` bytes came from `upstream`.
    public init(_ upstream: any ByteSource, limit: Int64) {
        self.upstream = upstream
        self.limit = limit
    }

    /// Reads the next bytes; see `ByteSource`.
    public func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let more = try upstream.read(into: &buffer, from: start)
        count += Int64(more)
        if count > limit { throw StreamError(.tooLarge(limit: limit)) }
        return more
    }
}
