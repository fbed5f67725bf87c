import ByteStreams
import LinuxSystem
import OCISpec
import Reporting
import TarFormat

/// Writes a copy plan as a layer: each file is read once, for the layer and for its digest.
struct LayerComposer: ~Copyable {
    private var writer: TarWriter
    private let plan: CopyPlan
    private let destination: Destination
    private let digests: ContentDigests
    private var buffer = [UInt8](repeating: 0, count: 262_144)

    init(_ plan: CopyPlan, destination: Destination, digests: ContentDigests, to sink: any ByteSink) {
        self.plan = plan
        self.destination = destination
        self.digests = digests
        writer = TarWriter(to: sink)
    }

    consuming func compose() throws {
        for item in plan.items {
            switch item.content {
            case .none: try writer.append(item.entry)
            case .inline(let bytes):
                try writer.append(item.entry)
                try writer.write(bytes.span)
            case .file(let tree, let path, let status): try append(item.entry, path, status, of: tree)
            case .archive(let tree, let path, let status): try unpack(item.entry, path, status, of: tree)
            }
        }
        try writer.finish()
    }

    private mutating func append(
        _ entry: TarEntry, _ path: PathBytes, _ planned: FileStatus, of tree: any SourceTree
    ) throws {
        let file = try tree.open(path)
        let status = try FileStatus(of: file.raw)
        guard status.identity == planned.identity, status.size == planned.size else { throw Self.changed(path, tree) }
        let known = try digests.digest(for: planned) != nil
        try writer.append(entry)
        var hasher = SHA256Hasher()
        var rest = status.size
        while rest > 0 {
            let count = min(Int64(try DescriptorIO.read(file.raw, into: &buffer)), rest)
            if count == 0 { throw Self.changed(path, tree) }
            let bytes = buffer.span.extracting(0..<Int(count))
            if !known { hasher.update(bytes) }
            try writer.write(bytes)
            rest -= count
        }
        if !known { digests.learn(Digest(sha256: hasher.finalize()), for: planned) }
    }

    private mutating func unpack(
        _ top: TarEntry, _ path: PathBytes, _ status: FileStatus, of tree: any SourceTree
    ) throws {
        let reader = TarReader(try ArchiveSource.open(path, of: tree))
        var placement = ArchivePlacement(top: PathBytes(top.path.bytes), destination: destination, plan: plan)
        while var entry = try reader.next() {
            let (parents, place) = try placement.place(&entry)
            for parent in parents { try writer.append(parent) }
            guard let place else { continue }
            entry.path = place
            try writer.append(entry)
            while true {
                let count = try reader.readBody(into: &buffer, from: 0)
                if count == 0 { break }
                try writer.write(buffer.span.extracting(0..<count))
            }
        }
        try reader.finish()
    }

    private static func changed(_ path: PathBytes, _ tree: any SourceTree) -> PlainFailure {
        PlainFailure(.conflict, "\"\(path)\" in \(tree.name) changed while it was being read")
    }
}
