import ByteStreams
import CompressionCodecs
import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SnapshotStorage
import SocleTesting
import SystemPackage
import TarFormat

@testable import ImageManagement

/// A store in a folder of its own, and archives to put into it.
struct CatalogFixture: ~Copyable {
    let root: TemporaryRoot
    let metadata: MetadataStore
    let content: ContentStore
    let catalog: ImageCatalog

    init() throws {
        let root = try TemporaryRoot()
        let metadata = try MetadataStore(path: root("socle.db"))
        let content = try ContentStore(root: root.path, metadata: metadata)
        catalog = ImageCatalog(content: content, snapshots: SnapshotStore(root: root.path), metadata: metadata)
        self.metadata = metadata
        self.content = content
        self.root = root
    }

    /// The store in a folder, opened once more.
    static func catalog(at root: FilePath) throws -> ImageCatalog {
        let metadata = try MetadataStore(path: root.appending("socle.db"))
        return ImageCatalog(
            content: try ContentStore(root: root, metadata: metadata),
            snapshots: SnapshotStore(root: root),
            metadata: metadata
        )
    }

    func importing(
        _ bytes: [UInt8],
        as name: String? = nil,
        changes: [String] = [],
        epoch: Int64? = nil
    ) throws -> Image {
        try Self.importing(bytes, into: catalog, as: name, changes: changes, epoch: epoch)
    }

    static func importing(
        _ bytes: [UInt8],
        into catalog: ImageCatalog,
        as name: String? = nil,
        changes: [String] = [],
        epoch: Int64? = nil
    ) throws -> Image {
        var request = ImportRequest()
        request.reference = try name.map { try ImageReference($0) }
        request.changes = changes
        request.epoch = epoch
        return try catalog.importRootfs(request, from: MemorySource(bytes)) { _ in }
    }

    func saved(_ names: String...) throws -> [UInt8] {
        let sink = MemorySink()
        try catalog.save(names, to: sink)
        return sink.bytes
    }

    func loading(_ bytes: [UInt8]) throws -> [LoadedImage] { try catalog.load(from: MemorySource(bytes)) { _ in } }

    /// The blobs there are, by digest.
    func blobs() throws -> Set<Digest> { Set(try content.all().map(\.digest)) }

    /// What lies in the folder of blobs, temporary files too.
    func blobFiles() throws -> Int { try Directory.open(root("blobs/sha256")).names().count }
}

/// Archives in memory.
enum Archive {
    /// A tar of files by name; a name with a slash at its end is a directory.
    static func tar(_ files: KeyValuePairs<String, String>) throws -> [UInt8] {
        let sink = MemorySink()
        var writer = TarWriter(to: sink)
        for (name, text) in files {
            if name.hasSuffix("/") {
                try writer.append(TarEntry(TarPath(String(name.dropLast())), kind: .directory, mode: 0o755))
            } else {
                let bytes = Array(text.utf8)
                try writer.append(TarEntry(TarPath(name), kind: .file, mode: 0o644, size: Int64(bytes.count)))
                try writer.write(bytes.span)
            }
        }
        try writer.finish()
        return sink.bytes
    }

    static let small: [UInt8] = {
        do { return try tar(["etc/": "", "etc/name": "hello\n", "bin/": "", "bin/sh": "#!"]) } catch { return [] }
    }()

    static func compressed(_ bytes: [UInt8], _ compression: Compression) throws -> [UInt8] {
        let sink = MemorySink()
        let compressor = try Compressor.sink(compression, level: nil, over: sink)
        try compressor.write(bytes.span)
        try compressor.finish()
        return sink.bytes
    }

    /// The files of an archive by name.
    static func members(_ bytes: [UInt8]) throws -> [(name: String, bytes: [UInt8])] {
        let reader = TarReader(MemorySource(bytes))
        var members: [(String, [UInt8])] = []
        while let entry = try reader.next() {
            let sink = MemorySink()
            if entry.kind == .file { try reader.body(into: sink) }
            members.append((entry.path.description, sink.bytes))
        }
        return members
    }

    /// Writes files again as an archive, in the order that is given.
    static func tar(of members: [(name: String, bytes: [UInt8])]) throws -> [UInt8] {
        let sink = MemorySink()
        var writer = TarWriter(to: sink)
        for (name, bytes) in members {
            try writer.append(TarEntry(TarPath(name), kind: .file, mode: 0o644, size: Int64(bytes.count)))
            try writer.write(bytes.span)
        }
        try writer.finish()
        return sink.bytes
    }
}
