import ByteStreams
import ContentStorage
import OCISpec
import TarFormat

/// Writes images into one archive that is both Docker's (`manifest.json`) and an OCI layout (`index.json`).
///
/// The bytes depend on the images and names only: entries are sorted, owned by 0:0 and from 1970. The small documents
/// come first, so that a reader knows what follows. Layers go out as they are stored.
struct ArchiveWriter {
    /// An image with the names it gets in the archive.
    struct Item {
        var image: Image
        var names: [ImageReference]
    }

    private let items: [Item]
    private let content: ContentStore

    init(_ items: [Item], content: ContentStore) {
        self.items = items
        self.content = content
    }

    func write(to sink: any ByteSink) throws {
        var writer = TarWriter(to: sink)
        for (name, bytes) in try documents() { try append(bytes, as: name, to: &writer) }
        let blobs = self.blobs()
        var folders: Set<String> = []
        for blob in blobs {
            for folder in ["blobs", "blobs/\(blob.digest.algorithm)"] where folders.insert(folder).inserted {
                try writer.append(TarEntry(TarPath(folder), kind: .directory, mode: 0o755))
            }
            try append(blob, to: &writer)
        }
        try writer.finish()
    }

    /// The documents that describe the archive, by name.
    func documents() throws -> [(name: String, bytes: [UInt8])] {
        var documents = [
            ("index.json", try JSON.encode(index)), ("manifest.json", try JSON.encode(dockerManifest)),
            ("oci-layout", try JSON.encode(ImageLayout())),
        ]
        let repositories = self.repositories
        if !repositories.isEmpty { documents.append(("repositories", try JSON.encode(repositories))) }
        return documents
    }

    private var index: ImageIndex {
        let manifests = items.flatMap { item -> [Descriptor] in
            let plain = item.image.manifest.descriptor
            if item.names.isEmpty { return [plain] }
            return item.names.map { name in
                var named = plain
                named.annotations = [Annotation.imageName: name.canonical, Annotation.referenceName: name.tag ?? ""]
                return named
            }
        }
        return ImageIndex(manifests: manifests)
    }

    private var dockerManifest: [DockerArchiveImage] {
        items.map { item in
            DockerArchiveImage(
                config: Self.path(item.image.id),
                repositoryTags: item.names.map(\.familiar),
                layers: item.image.manifest.value.layers.map { Self.path($0.digest) }
            )
        }
    }

    /// What Docker before 1.10 read: repository → tag → the top layer.
    ///
    /// Newer ones still write it.
    private var repositories: [String: [String: String]] {
        items.reduce(into: [:]) { result, item in
            guard let top = item.image.manifest.value.layers.last else { return }
            for name in item.names { result[name.familiarName, default: [:]][name.tag ?? ""] = top.digest.hex }
        }
    }

    /// Every blob once, sorted.
    private func blobs() -> [Descriptor] {
        var byDigest: [Digest: Descriptor] = [:]
        for item in items {
            let manifest = item.image.manifest
            for blob in [manifest.descriptor, manifest.value.config] + manifest.value.layers {
                byDigest[blob.digest] = blob
            }
        }
        return byDigest.values.sorted { $0.digest < $1.digest }
    }

    private func append(_ bytes: [UInt8], as name: String, to writer: inout TarWriter) throws {
        try writer.append(TarEntry(TarPath(name), kind: .file, mode: 0o644, size: Int64(bytes.count)))
        try writer.write(bytes.span)
    }

    private func append(_ blob: Descriptor, to writer: inout TarWriter) throws {
        let source = ReadAheadSource(try content.open(blob))
        try writer.append(TarEntry(TarPath(Self.path(blob.digest)), kind: .file, mode: 0o644, size: blob.size))
        var buffer = [UInt8](repeating: 0, count: 524_288)
        while true {
            let count = try source.read(into: &buffer, from: 0)
            if count == 0 { return }
            try writer.write(buffer.span.extracting(0..<count))
        }
    }

    private static func path(_ digest: Digest) -> String { "blobs/\(digest.algorithm)/\(digest.hex)" }
}
