/// A source whose bytes also go to a sink, when they are read.
public final class TapSource: ByteSource {
    private let upstream: any ByteSource
    private let sink: any ByteSink

    /// Makes a source that reads `upstream` and writes all of it to `sink` as well.
    public init(_ upstream: any ByteSource, sink: any ByteSink) {
        self.upstream = upstream
        self.sink = sink
    }

    /// Reads the next bytes; see `ByteSource`.
    public func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let count = try upstream.read(into: &buffer, from: start)
        if count > 0 { try sink.write(buffer.span.extracting(start..<start + count)) }
        return count
    }
}
