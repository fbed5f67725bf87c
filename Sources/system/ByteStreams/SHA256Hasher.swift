private import Crypto

/// SHA-256 of bytes that come in chunks.
public struct SHA256Hasher: ~Copyable {
    private var state = SHA256()
    /// How many bytes were taken so far.
    public private(set) var count: Int64 = 0

    /// Nothing is taken yet.
    public init() {}

    /// Takes the next chunk.
    public mutating func update(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { state.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        count += Int64(bytes.count)
    }

    /// The 32 bytes of the digest of all that was taken.
    public consuming func finalize() -> [UInt8] { Array(state.finalize()) }

    /// The digest of all that was taken so far; more may follow.
    public func current() -> [UInt8] { Array(state.finalize()) }

    /// The digest of bytes in memory.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hasher = SHA256Hasher()
        hasher.update(bytes.span)
        return hasher.finalize()
    }
}
