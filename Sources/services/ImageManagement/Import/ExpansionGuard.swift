import ByteStreams

/// Counts what is read from a source.
final class CountingSource: ByteSource {
    private let upstream: any ByteSource
    private(set) var count: Int64 = 0

    init(_ upstream: any ByteSource) { self.upstream = upstream }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let more = try upstream.read(into: &buffer, from: start)
        count += Int64(more)
        return more
    }
}

/// Stops a decompression that gives absurdly more than it takes: a bomb would fill the disk or keep the processor busy
/// for hours.
///
/// Gzip can't do better than 1:1032, and reaches that only with one byte repeated; whole root file systems are near 1:3.
/// The first gigabyte passes in any case.
final class ExpansionGuard: ByteSource {
    private let upstream: any ByteSource
    private let compressed: CountingSource
    private var count: Int64 = 0
    private let allowance: Int64

    static let ratio: Int64 = 1000

    init(_ upstream: any ByteSource, compressed: CountingSource, allowance: Int64 = 1 << 30) {
        self.upstream = upstream
        self.compressed = compressed
        self.allowance = allowance
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let more = try upstream.read(into: &buffer, from: start)
        count += Int64(more)
        if count > allowance, count / Self.ratio > compressed.count {
            throw StreamError(.corrupt("expands more than \(Self.ratio) times, which no file system does"))
        }
        return more
    }
}
