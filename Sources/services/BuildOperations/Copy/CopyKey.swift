import BuildDefinition
import LinuxSystem
import OCISpec
import TarFormat

/// The cache key of a file operation: what is copied and where to, but not when a file was changed.
struct CopyKey {
    var operation: FileOperation
    /// Nil where the layer doesn't depend on the file system below.
    var below: BuiltFileSystem?
    /// The layer's times are cut at it, so a layer without it is another one.
    var epoch: Int64?

    /// The key; nil while the content of a file isn't known.
    func key(of plan: CopyPlan) -> BuildCache.Key? {
        var members = MemberList()
        for item in plan.items {
            if item.content.file != nil, item.known == nil { return nil }
            members.add(item.entry.path.bytes) { Self.describe(item, in: &$0) }
        }
        var parts = Operation.file(operation).keyParts
        if let epoch { parts.append(KeyPart("source date epoch", String(epoch))) }
        if let below { parts.append(KeyPart("below", below.chain)) }
        return BuildCache.Key(parts, members: members)
    }

    private static func describe(_ item: CopyPlan.Item, in line: inout [UInt8]) {
        let entry = item.entry
        line += "\(String(entry.mode, radix: 8)) \(entry.uid):\(entry.gid) ".utf8
        append(kind: entry.kind, to: &line)
        let attributes = item.known?.attributes.map(\.entry) ?? entry.xattrs
        for attribute in attributes {
            line.append(UInt8(ascii: " "))
            append(attribute.name, to: &line)
            line += "=\(Digest.of(attribute.value))".utf8
        }
        switch item.content {
        case .none: break
        case .inline(let bytes): line += " \(Digest.of(bytes))".utf8
        case .file, .archive: append(digest: item.known?.sha256 ?? [], to: &line)
        }
        if case .archive = item.content { line += " unpacked".utf8 }
    }

    private static func append(kind: TarEntry.Kind, to line: inout [UInt8]) {
        switch kind {
        case .file: line += "file".utf8
        case .directory: line += "directory".utf8
        case .fifo: line += "fifo".utf8
        case .symbolicLink(let target):
            line += "link to ".utf8
            append(target.bytes, to: &line)
        case .hardLink(let target):
            line += "same as ".utf8
            append(target.bytes, to: &line)
        case .characterDevice(let major, let minor): line += "character device \(major):\(minor)".utf8
        case .blockDevice(let major, let minor): line += "block device \(major):\(minor)".utf8
        }
    }

    /// Names, in which what would end the line is written as an escape.
    private static func append(_ name: [UInt8], to line: inout [UInt8]) {
        for byte in name {
            switch byte {
            case UInt8(ascii: "\n"): line += "\\n".utf8
            case UInt8(ascii: "\\"): line += "\\\\".utf8
            default: line.append(byte)
            }
        }
    }

    private static func append(digest: [UInt8], to line: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        line += " sha256:".utf8
        for byte in digest {
            line.append(digits[Int(byte >> 4)])
            line.append(digits[Int(byte & 15)])
        }
    }
}
