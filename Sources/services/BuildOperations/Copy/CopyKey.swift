import BuildDefinition
import ByteStreams
import LinuxSystem
import OCISpec
import TarFormat

/// The cache key of a file operation: what is copied and where to, but not when a file was changed.
struct CopyKey {
    var operation: FileOperation
    var below: BuiltFileSystem

    /// The key; nil while the content of a file isn't known.
    func key(of plan: CopyPlan, digests: ContentDigests) throws -> BuildCache.Key? {
        var parts = Operation.file(operation).keyParts
        parts.append(KeyPart("below", below.chain))
        for item in plan.items {
            guard let value = try Self.value(of: item, digests) else { return nil }
            parts.append(KeyPart("file \(item.entry.path)", value))
        }
        return BuildCache.Key(parts)
    }

    private static func value(of item: CopyPlan.Item, _ digests: ContentDigests) throws -> String? {
        let entry = item.entry
        var fields = ["\(String(entry.mode, radix: 8)) \(entry.uid):\(entry.gid)", kind(of: entry)]
        fields += entry.xattrs.map { "\(PathBytes($0.name))=\(Digest.of($0.value))" }
        switch item.content {
        case .none: break
        case .inline(let bytes): fields.append(Digest.of(bytes).description)
        case .file(_, _, let status), .archive(_, _, let status):
            guard let digest = try digests.digest(for: status) else { return nil }
            fields.append(digest.description)
        }
        if case .archive = item.content { fields.append("unpacked") }
        return fields.joined(separator: " ")
    }

    private static func kind(of entry: TarEntry) -> String {
        switch entry.kind {
        case .file: "file"
        case .directory: "directory"
        case .fifo: "fifo"
        case .symbolicLink(let target): "link to \(target)"
        case .hardLink(let target): "same as \(target)"
        case .characterDevice(let major, let minor): "character device \(major):\(minor)"
        case .blockDevice(let major, let minor): "block device \(major):\(minor)"
        }
    }
}
