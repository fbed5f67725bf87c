import LinuxSystem
import MetadataStorage

/// What reading a regular file gives: the SHA-256 of its bytes, and the attributes that belong in a layer.
struct FileContent: Hashable, Sendable {
    /// 32 bytes.
    var sha256: [UInt8]
    var attributes: [ExtendedAttribute] = []
}

extension FileContent {
    /// As the stat cache keeps it; nil where its attributes make no sense.
    init?(_ kept: StatContent) {
        guard let attributes = Self.decode(kept.attributes) else { return nil }
        self.init(sha256: kept.sha256, attributes: attributes)
    }

    var kept: StatContent { StatContent(sha256: sha256, attributes: Self.encode(attributes)) }

    /// Name and value of each attribute, each behind its length in four bytes, lowest first.
    private static func encode(_ attributes: [ExtendedAttribute]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in attributes.flatMap({ [$0.name.bytes, $0.value] }) {
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: part.count >> ($0 * 8)) } + part
        }
        return bytes
    }

    private static func decode(_ bytes: [UInt8]) -> [ExtendedAttribute]? {
        var parts: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            guard rest.count >= 4, rest.count - 4 >= length else { return nil }
            parts.append(Array(rest.dropFirst(4).prefix(length)))
            rest = rest.dropFirst(4 + length)
        }
        guard parts.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: parts.count, by: 2).map {
            ExtendedAttribute(name: PathBytes(parts[$0]), value: parts[$0 + 1])
        }
    }
}
