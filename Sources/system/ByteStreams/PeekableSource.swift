/// A source whose next bytes can be looked at before they are read.
public final class PeekableSource: ByteSource {
    private let upstream: any ByteSource
    private var kept: [UInt8] = []
    private var position = 0

    /// Makes a source over `upstream`.
    public init(_ upstream: any ByteSource) { self.upstream = upstream }

    /// The next `count` bytes; fewer only where the source ends before.
    public func peek(_ count: Int) throws(StreamError) -> [UInt8] {
        let missing = count - (kept.count - position)
        if missing > 0 {
            var more = [UInt8](repeating: 0, count: missing)
            let got = try upstream.readFully(into: &more)
            kept.removeFirst(position)
            position = 0
            kept.append(contentsOf: more[..<got])
        }
        return Array(kept[position...].prefix(count))
    }

    /// Reads the next bytes; see `ByteSource`.
    public func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        if position == kept.count { return try upstream.read(into: &buffer, from: start) }
        let count = min(kept.count - position, buffer.count - start)
        for offset in 0..<count { buffer[start + offset] = kept[position + offset] }
        position += count
        if position == kept.count {
            kept = []
            position = 0
        }
        return count
    }
}
