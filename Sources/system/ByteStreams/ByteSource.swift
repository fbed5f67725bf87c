/// Somewhere bytes come from, in chunks, once, in order.
///
/// Calls block; a source is used by one thread at a time.
public protocol ByteSource: AnyObject {
    /// Reads at least one and at most `buffer.count - start` bytes into `buffer` from index `start`; 0 only at the end.
    /// The buffer must have room. After an error the source is not read again.
    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int
}

/// A source whose bytes can be passed over without reading them.
public protocol SkippableSource: ByteSource {
    /// Passes over `count` bytes; false where there aren't so many, and then nothing was passed over.
    func skip(_ count: Int64) -> Bool
}

/// Somewhere bytes go, in chunks, in order.
///
/// Calls block; a sink is used by one thread at a time.
public protocol ByteSink: AnyObject {
    /// Takes all of `bytes`.
    func write(_ bytes: Span<UInt8>) throws(StreamError)
}

/// A sink that has something to do at the end: bytes held back, a trailer.
public protocol FinishableSink: ByteSink {
    /// Writes what was held back. Nothing is complete before; nothing is written after. The sink below is not finished.
    func finish() throws(StreamError)
}

extension ByteSource {
    /// Reads until `buffer` is full from `start` on or the source ends; the number of bytes read.
    public func readFully(into buffer: inout [UInt8], from start: Int = 0) throws(StreamError) -> Int {
        var end = start
        while end < buffer.count {
            let count = try read(into: &buffer, from: end)
            if count == 0 { break }
            end += count
        }
        return end - start
    }

    /// Moves everything to `sink` in chunks of `chunkSize` bytes; the number of bytes moved.
    @discardableResult
    public func copy(to sink: any ByteSink, chunkSize: Int = 262_144) throws(StreamError) -> Int64 {
        var buffer = [UInt8](repeating: 0, count: chunkSize)
        var total: Int64 = 0
        while true {
            let count = try read(into: &buffer, from: 0)
            if count == 0 { return total }
            try sink.write(buffer.span.extracting(0..<count))
            total += Int64(count)
        }
    }

    /// Everything that is left, but not more than `limit` bytes: beyond, `StreamError.Reason.tooLarge`.
    public func readAll(limit: Int) throws(StreamError) -> [UInt8] {
        let sink = MemorySink(limit: limit)
        // Documents are small.
        try copy(to: sink, chunkSize: 16_384)
        return sink.bytes
    }

    /// Reads `count` bytes and forgets them; fewer are an error.
    public func pass(_ count: Int64) throws(StreamError) {
        var left = count
        var buffer = [UInt8](repeating: 0, count: Int(min(count, 262_144)))
        while left > 0 {
            if left < Int64(buffer.count) { buffer.removeLast(buffer.count - Int(left)) }
            let count = try read(into: &buffer, from: 0)
            if count == 0 { throw StreamError(.truncated) }
            left -= Int64(count)
        }
    }

    /// Reads to the end and forgets the bytes; how many there were.
    @discardableResult
    public func drain() throws(StreamError) -> Int64 {
        var buffer = [UInt8](repeating: 0, count: 262_144)
        var total: Int64 = 0
        while true {
            let count = try read(into: &buffer, from: 0)
            if count == 0 { return total }
            total += Int64(count)
        }
    }
}
