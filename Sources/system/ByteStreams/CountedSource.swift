/// Tells now and then how much of a blob passed.
public final class CountedSource: ByteSource {
    private let upstream: any ByteSource
    private let tell: (Int64) -> Void
    private var count: Int64
    private var told: Int64

    /// How many bytes pass between two words.
    private static let step: Int64 = 1 << 20

    /// Begins to count at `offset`; `tell` hears the count.
    public init(_ upstream: any ByteSource, from offset: Int64, tell: @escaping (Int64) -> Void) {
        self.upstream = upstream
        self.tell = tell
        count = offset
        told = offset
    }

    /// Reads the next bytes; see `ByteSource`.
    public func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let more = try upstream.read(into: &buffer, from: start)
        count += Int64(more)
        if count - told >= Self.step || more == 0 {
            told = count
            tell(count)
        }
        return more
    }
}
