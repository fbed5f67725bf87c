import ByteStreams
import ContentStorage
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// A folder that a cache is exported to: an OCI layout, whose index is written last and all at once.
struct CacheFolder: ~Copyable {
    private let root: Directory
    private let blobs: Directory
    private let lock: FileLock

    private init(root: consuming Directory, blobs: consuming Directory, lock: consuming FileLock) {
        self.root = root
        self.blobs = blobs
        self.lock = lock
    }

    /// Opens the folder, made where it is missing, and keeps other exports out of it.
    static func open(_ path: FilePath) throws -> CacheFolder {
        do throws(SystemError) {
            let root = try Directory.open(path, create: true, mode: 0o755)
            let blobs = try root.directory("blobs", create: true).directory("sha256", create: true)
            let lock = try root.lock("lock", .exclusive)
            return CacheFolder(root: root, blobs: blobs, lock: lock)
        } catch { throw PlainFailure(error.kind, "\(path): \(error.errno)") }
    }

    /// Writes a cache under a tag, instead of the one that had it; the manifest's descriptor.
    ///
    /// With `reset`, what no tag of the folder needs any more is removed after the index was written.
    @discardableResult
    func write(_ document: CacheDocument, tag: String, reset: Bool, from content: ContentStore) throws -> Descriptor {
        let layers = document.layers
        for layer in layers { try copy(layer, from: content) }
        let config = try Document(encoding: document, mediaType: CacheDocument.mediaType)
        let manifest = try Document(
            encoding: ImageManifest(config: config.descriptor, layers: layers),
            mediaType: .ociManifest
        )
        try put(config.bytes, config.descriptor.digest)
        try put(manifest.bytes, manifest.descriptor.digest)
        try blobs.sync()
        var entries = reset ? [] : try current().filter { $0.annotations?[Annotation.referenceName] != tag }
        var entry = manifest.descriptor
        entry.annotations = [Annotation.referenceName: tag]
        entries.append(entry)
        try replace("oci-layout", try JSON.encode(ImageLayout()))
        try replace("index.json", try JSON.encode(ImageIndex(manifests: entries)))
        try root.sync()
        if reset { try sweep(keeping: Set(layers.map(\.digest) + [config.descriptor.digest, entry.digest])) }
        return entry
    }

    /// What the folder has already; an index that can't be read is somebody else's, and not overwritten.
    private func current() throws -> [Descriptor] {
        guard let bytes = try root.readFile("index.json", limit: JSON.defaultLimit) else { return [] }
        return try Document<ImageIndex>(bytes: bytes, mediaType: .ociIndex).value.manifests
    }

    private func copy(_ layer: Descriptor, from content: ContentStore) throws {
        let name = PathBytes(layer.digest.hex)
        if let status = try blobs.status(name), status.kind == .file, status.size == layer.size { return }
        let file = try blobs.temporaryFile(mode: 0o644)
        // Never a link to the store's own file: whoever has the folder may write to it.
        let sink = FileSink(try file.descriptor.duplicate(), subject: "cache layer \(layer.digest)")
        try TapSource(try content.open(layer), sink: sink).drain()
        try DescriptorIO.syncData(file.descriptor.raw)
        try file.link(as: name, replace: true)
    }

    private func put(_ bytes: [UInt8], _ digest: Digest) throws {
        let file = try blobs.temporaryFile(mode: 0o644)
        try DescriptorIO.write(file.descriptor.raw, bytes.span)
        try DescriptorIO.syncData(file.descriptor.raw)
        try file.link(as: PathBytes(digest.hex), replace: true)
    }

    private func replace(_ name: PathBytes, _ bytes: [UInt8]) throws {
        let file = try root.temporaryFile(mode: 0o644)
        try DescriptorIO.write(file.descriptor.raw, bytes.span)
        try DescriptorIO.syncData(file.descriptor.raw)
        try file.link(as: name, replace: true)
    }

    private func sweep(keeping kept: Set<Digest>) throws {
        let names = Set(kept.map(\.hex))
        for name in try blobs.names() where name.count == 64 && !names.contains(String(decoding: name, as: UTF8.self)) {
            try blobs.remove(PathBytes(name))
        }
    }
}
