import ByteStreams
import LayerTransfer
import LinuxSystem
import OCISpec
import Reporting
import TarFormat

/// Writes a copy plan as a layer: each file is read once, for the layer and for its digest.
struct LayerComposer {
    private let layer: LayerSink
    private let plan: CopyPlan
    private let destination: Destination
    private let digests: ContentDigests
    private var usage = LayerUsage()
    private var buffer = [UInt8](repeating: 0, count: 262_144)

    init(_ plan: CopyPlan, destination: Destination, digests: ContentDigests, to sink: any ByteSink) {
        self.plan = plan
        self.destination = destination
        self.digests = digests
        layer = LayerSink(sink)
    }

    /// What the layer's files hold, in bytes.
    mutating func compose() throws -> Int64 {
        for item in plan.items {
            switch item.content {
            case .none: try append(item.entry)
            case .inline(let bytes):
                try append(item.entry)
                try layer.write(bytes.span)
            case .file(let tree, let path, let status): try append(item.entry, path, status, of: tree)
            case .archive(let tree, let path, let status): try unpack(item.entry, path, status, of: tree)
            }
        }
        try layer.finish()
        return usage.bytes
    }

    private mutating func append(_ entry: TarEntry) throws {
        usage.count(entry)
        try layer.append(entry)
    }

    private mutating func append(
        _ entry: TarEntry,
        _ path: PathBytes,
        _ planned: FileStatus,
        of tree: any SourceTree
    ) throws {
        let file = try tree.open(path)
        let status = try FileStatus(of: file.raw)
        guard status.identity == planned.identity, status.size == planned.size else { throw Self.changed(path, tree) }
        let known = try digests.digest(for: planned) != nil
        try append(entry)
        var hasher = SHA256Hasher()
        var rest = status.size
        while rest > 0 {
            let count = min(Int64(try DescriptorIO.read(file.raw, into: &buffer)), rest)
            if count == 0 { throw Self.changed(path, tree) }
            let bytes = buffer.span.extracting(0..<Int(count))
            if !known { hasher.update(bytes) }
            try layer.write(bytes)
            rest -= count
        }
        if !known { digests.learn(Digest(sha256: hasher.finalize()), for: planned) }
    }

    private mutating func unpack(
        _ top: TarEntry,
        _ path: PathBytes,
        _ status: FileStatus,
        of tree: any SourceTree
    ) throws {
        let archive = try ArchiveSource(path, of: tree)
        let reader = TarReader(archive.members)
        var placement = ArchivePlacement(top: PathBytes(top.path.bytes), destination: destination, plan: plan)
        while var entry = try reader.next() {
            let (parents, place) = try placement.place(&entry)
            for parent in parents { try append(parent) }
            guard let place else { continue }
            entry.path = place
            // A layer says a file's zeros in full: not every program that reads layers knows sparse members.
            entry.sparse = nil
            try append(entry)
            if entry.kind == .file { try reader.body(into: layer) }
        }
        try reader.finish()
        if try digests.digest(for: status) == nil { digests.learn(try archive.digest(), for: status) }
    }

    private static func changed(_ path: PathBytes, _ tree: any SourceTree) -> PlainFailure {
        PlainFailure(.conflict, "\"\(path)\" in \(tree.name) changed while it was being read")
    }
}
