/// A source that counts and digests what is read from it.
public final class HashingSource: ByteSource {
    private let upstream: any ByteSource
    private var hasher = SHA256Hasher()

    /// Makes a source over `upstream`.
    public init(_ upstream: any ByteSource) { self.upstream = upstream }

    /// How many bytes were read so far.
    public var count: Int64 { hasher.count }

    /// The SHA-256 of all that was read so far: 32 bytes.
    public func digest() -> [UInt8] { hasher.current() }

    /// Reads the next bytes; see `ByteSource`.
    public func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let count = try upstream.read(into: &buffer, from: start)
        hasher.update(buffer.span.extracting(start..<start + count))
        return count
    }
}

/// A source that promises its size and digest: who reads it to the end without an error has read the right bytes.
///
/// The size is checked before the digest. Bytes given out before the end are not verified yet: whoever acts on them has to
/// undo it when the end throws.
public final class VerifyingSource: ByteSource {
    private let upstream: any ByteSource
    private let size: Int64
    private let expected: [UInt8]
    private let subject: String?
    private var hasher = SHA256Hasher()
    private var isVerified = false

    /// Makes a source over `upstream`, which must be `size` bytes long and have this SHA-256 (32 bytes).
    public init(_ upstream: any ByteSource, size: Int64, sha256: [UInt8], subject: String? = nil) {
        self.upstream = upstream
        self.size = size
        expected = sha256
        self.subject = subject
    }

    /// Reads the next bytes; see `ByteSource`.
    public func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        if isVerified { return 0 }
        let count = try upstream.read(into: &buffer, from: start)
        let total = hasher.count + Int64(count)
        if total > size || (count == 0 && total < size) {
            throw StreamError(.sizeMismatch(expected: size, actual: total), subject: subject)
        }
        hasher.update(buffer.span.extracting(start..<start + count))
        if count == 0 {
            let actual = hasher.current()
            if actual != expected {
                let reason = StreamError.Reason.digestMismatch(expected: Self.text(expected), actual: Self.text(actual))
                throw StreamError(reason, subject: subject)
            }
            isVerified = true
        }
        return count
    }

    private static func text(_ digest: [UInt8]) -> String {
        "sha256:" + digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
