private import Crypto

/// The hash of bytes that come in chunks, by SHA-384 or SHA-512; SHA-256 has a hasher of its own.
public struct LongHasher {
    private var state: any HashFunction

    /// Nil for an algorithm other than `sha384` and `sha512`.
    public init?(algorithm: String) {
        switch algorithm {
        case "sha384": state = SHA384()
        case "sha512": state = SHA512()
        default: return nil
        }
    }

    /// Takes the next chunk.
    public mutating func update(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { state.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }

    /// The hash of all that was taken so far, in lowercase hexadecimal.
    public func hex() -> String { Self.hex(of: state) }

    private static func hex(of state: some HashFunction) -> String {
        state.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
