import ByteStreams
import LayerTransfer
import LinuxSystem
import TarFormat

/// Writes a copy plan as a layer: each file is read once, for the layer and for its digest.
struct LayerComposer {
    /// With what was found out on the way.
    private(set) var plan: CopyPlan
    private let layer: LayerSink
    private let destination: Destination
    private let digests: ContentDigests
    private var usage = LayerUsage()
    private var buffer = [UInt8](repeating: 0, count: SourceFile.chunkSize)

    init(_ plan: CopyPlan, destination: Destination, digests: ContentDigests, to sink: any ByteSink) {
        self.plan = plan
        self.destination = destination
        self.digests = digests
        layer = LayerSink(sink)
    }

    /// What the layer's files hold, in bytes.
    mutating func compose() throws -> Int64 {
        for index in plan.items.indices {
            let item = plan.items[index]
            switch item.content {
            case .none: try append(item.entry)
            case .inline(let bytes):
                try append(item.entry)
                try layer.write(bytes.span)
            case .file(let tree, let path, let status):
                let content = try append(item, path, status, of: tree)
                if item.known == nil { learn(content, status, at: index) }
            case .archive(let tree, let path, let status):
                let content = try unpack(item, path, of: tree)
                if item.known == nil { learn(content, status, at: index) }
            }
        }
        try layer.finish()
        return usage.bytes
    }

    private mutating func learn(_ content: FileContent, _ status: FileStatus, at index: Int) {
        plan.learn(content, at: index)
        digests.learn(content, for: status)
    }

    private mutating func append(_ entry: TarEntry) throws {
        usage.count(entry)
        try layer.append(entry)
    }

    private mutating func append(
        _ item: CopyPlan.Item,
        _ path: PathBytes,
        _ planned: FileStatus,
        of tree: any SourceTree
    ) throws -> FileContent {
        let file = try SourceFile(path, of: tree, planned: planned)
        var content = try item.known ?? FileContent(sha256: [], attributes: file.attributes())
        var entry = item.entry
        entry.xattrs = content.attributes.map(\.entry)
        try append(entry)
        let sha256 = try file.read(to: layer, hashing: item.known == nil, through: &buffer)
        if item.known == nil { content.sha256 = sha256 }
        return content
    }

    /// The members of an archive, each where it belongs.
    private mutating func unpack(_ top: CopyPlan.Item, _ path: PathBytes, of tree: any SourceTree) throws -> FileContent
    {
        let archive = try ArchiveSource(path, of: tree)
        let reader = TarReader(archive.members)
        var placement = ArchivePlacement(top: PathBytes(top.entry.path.bytes), destination: destination, plan: plan)
        while var entry = try reader.next() {
            let (parents, place) = try placement.place(&entry)
            for parent in parents { try append(parent) }
            guard let place else { continue }
            entry.path = place
            entry.modified = destination.time(entry.modified.seconds)
            // A layer says a file's zeros in full: not every program that reads layers knows sparse members.
            entry.sparse = nil
            try append(entry)
            if entry.kind == .file { try reader.body(into: layer) }
        }
        try reader.finish()
        if let known = top.known { return known }
        return FileContent(sha256: try archive.sha256())
    }
}
