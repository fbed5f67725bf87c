/// Bytes that can be read at any place: a file, a member of an archive, memory.
///
/// Only what is asked for is read, so that looking at a program of a hundred megabytes costs a few kilobytes.
public protocol RandomAccessBytes {
    /// How many bytes there are.
    var count: Int64 { get }
    /// At most `count` bytes from `offset` on; fewer, or none, only where the bytes end.
    func bytes(at offset: Int64, count: Int) throws(ELFError) -> [UInt8]
}

/// Bytes in memory, to be read at any place.
public struct MemoryBytes: RandomAccessBytes, Sendable {
    private let content: [UInt8]

    /// These bytes.
    public init(_ content: [UInt8]) { self.content = content }

    /// How many bytes there are.
    public var count: Int64 { Int64(content.count) }

    /// See `RandomAccessBytes`.
    public func bytes(at offset: Int64, count: Int) throws(ELFError) -> [UInt8] {
        guard offset >= 0, count > 0, offset < self.count else { return [] }
        let start = Int(offset)
        return Array(content[start..<min(content.count, start + min(count, content.count))])
    }
}
