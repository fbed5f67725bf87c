import ByteStreams
public import Reporting

/// What bytes are named by: an algorithm and the hash in lowercase hexadecimal, `sha256:…`.
///
/// A value of this type is well formed, so it can be used in file names and addresses as it is. There is no form
/// without the algorithm.
public struct Digest: Sendable {
    /// The canonical text.
    public let description: String
    private let colon: Int

    /// Reads `algorithm:hex`; known are sha256, sha384 and sha512, the hex must be lowercase and of full length.
    public init(_ text: String) throws(DigestError) {
        let bytes = text.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes.count <= 256 else {
            throw DigestError(.format, text)
        }
        let hex = bytes[bytes.index(after: colon)...]
        guard let wanted = Self.hexLengths[String(text[..<colon])] else {
            throw DigestError(Self.looksLikeDigest(text) ? .unsupported : .format, text)
        }
        guard hex.allSatisfy({ Self.isLowercaseHex($0) }) else { throw DigestError(.format, text) }
        guard hex.count == wanted else { throw DigestError(.length, text) }
        description = text
        self.colon = bytes.distance(from: bytes.startIndex, to: colon)
    }

    /// The digest with these 32 bytes of hash.
    public init(sha256 bytes: [UInt8]) {
        precondition(bytes.count == 32)
        let digits = Array("0123456789abcdef".utf8)
        var text = Array("sha256:".utf8)
        text.reserveCapacity(71)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        description = String(decoding: text, as: UTF8.self)
        colon = 6
    }

    /// The SHA-256 of bytes in memory.
    public static func of(_ bytes: [UInt8]) -> Digest { Digest(sha256: SHA256Hasher.hash(bytes)) }

    /// `sha256`, `sha384` or `sha512`.
    public var algorithm: String { String(decoding: description.utf8.prefix(colon), as: UTF8.self) }

    /// The hash without the algorithm.
    public var hex: String { String(decoding: description.utf8.dropFirst(colon + 1), as: UTF8.self) }

    /// The first twelve digits: how Docker shows an ID.
    public var short: String { String(decoding: description.utf8.dropFirst(colon + 1).prefix(12), as: UTF8.self) }

    /// The 32 bytes of a SHA-256, nil for another algorithm.
    public var sha256Bytes: [UInt8]? {
        guard colon == 6, algorithm == "sha256" else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        var high: UInt8?
        for digit in description.utf8.dropFirst(7) {
            let value = digit < 58 ? digit - 48 : digit - 87
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    private static let hexLengths = ["sha256": 64, "sha384": 96, "sha512": 128]

    private static func isLowercaseHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte)
    }

    /// Whether text has a digest's form, whatever the algorithm: the distribution grammar's `digest`.
    private static func looksLikeDigest(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count >= 32 else { return false }
        return ReferenceGrammar.isDigestAlgorithm(parts[0]) && parts[1].allSatisfy(ReferenceGrammar.isHex)
    }
}

extension Digest: Hashable, Comparable, CustomStringConvertible {
    /// Whether both are the same.
    public static func == (left: Digest, right: Digest) -> Bool { left.description == right.description }
    /// Whether the left one comes first.
    public static func < (left: Digest, right: Digest) -> Bool { left.description < right.description }
    /// Adds what makes it the same as another.
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

extension Digest: Codable, CodingKeyRepresentable {
    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do { try self.init(text) } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    /// Writes it as it is in JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The text, as a key.
    public var codingKey: any CodingKey { AnyCodingKey(description) }

    /// A digest that was used as a key.
    public init?(codingKey: some CodingKey) {
        guard let digest = try? Digest(codingKey.stringValue) else { return nil }  // the protocol wants nil
        self = digest
    }
}

/// Text that is not a digest.
public struct DigestError: Failure, Hashable {
    /// What is wrong with it, in the words of Docker's library.
    public enum Reason: String, Sendable {
        case format = "invalid checksum digest format"
        case length = "invalid checksum digest length"
        case unsupported = "unsupported digest algorithm"
    }

    /// What is wrong.
    public var reason: Reason
    /// The text that was given.
    public var text: String

    init(_ reason: Reason, _ text: String) {
        self.reason = reason
        self.text = String(text.prefix(200))
    }

    /// What sort of failure it is.
    public var kind: FailureKind { .invalidArgument }
    /// The text that stands for it.
    public var description: String { "invalid digest \"\(text)\": \(reason.rawValue)" }
}
