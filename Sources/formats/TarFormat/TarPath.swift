/// A name in an archive: bytes, as the archive has them. Nothing is checked or cleaned; what a name may be is decided
/// where it is used.
public struct TarPath: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The name as stored, without the slash that marks a directory.
    public var bytes: [UInt8]

    /// A name from text, as UTF-8.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// A name from the bytes of an archive or of a file system.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// A name written in the source text.
    public init(stringLiteral text: String) { self.init(text) }

    /// The parts between slashes, without empty ones and without `.`.
    public var components: [[UInt8]] {
        var parts: [[UInt8]] = []
        forEachComponent { parts.append(Array($0)) }
        return parts
    }

    /// Whether one of the parts is `..`.
    public var hasParentComponent: Bool {
        var found = false
        forEachComponent { if $0.count == 2, $0.first == Self.dot, $0.last == Self.dot { found = true } }
        return found
    }

    /// Whether the name starts at a root.
    public var isAbsolute: Bool { bytes.first == Self.slash }

    /// The name as text: bytes that are no printable UTF-8 are written as `\xNN`.
    public var description: String { Self.printable(bytes) }

    /// Bytewise order, the order of sorted archives.
    public static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    static let slash = UInt8(ascii: "/")
    static let dot = UInt8(ascii: ".")

    /// Calls `body` with each part that `components` would have, without copying it.
    private func forEachComponent(_ body: (ArraySlice<UInt8>) -> Void) {
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: Self.slash) ?? bytes.count
            if end > start, !(end == start + 1 && bytes[start] == Self.dot) { body(bytes[start..<end]) }
            start = end + 1
        }
    }

    /// Bytes as text for people: UTF-8 without control characters as it is, else every odd byte escaped.
    static func printable(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self),
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        {
            return text
        }
        return bytes.reduce(into: "") { text, byte in
            if byte >= 0x20, byte < 0x7f {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
    }
}
