package import ByteStreams
package import ContentStorage
import OCISpec

/// Writes images into one archive, which is an OCI layout (`index.json`) and, if that is wanted, Docker's own form
/// (`manifest.json`) at once.
///
/// The bytes depend on the images and names only: entries are sorted, owned by 0:0 and from 1970. The small documents
/// come first, so that a reader knows what follows. Layers go out as the images' manifests name them.
package struct ArchiveWriter {
    let items: [AssembledImage]
    private let isForDocker: Bool
    let content: ContentStore

    /// An archive of images whose layers `content` has. Docker's form has one platform of each image.
    package init(_ items: [AssembledImage], forDocker isForDocker: Bool = true, content: ContentStore) {
        self.items = items
        self.isForDocker = isForDocker
        self.content = content
    }

    package func write(to sink: any ByteSink) throws {
        var tar = LayoutTar(to: sink)
        try tar.add(try documents())
        let documents = items.reduce(into: [:]) { $0.merge($1.documents) { first, _ in first } }
        for blob in blobs() {
            try tar.add(blob, from: documents[blob.digest].map { MemorySource($0) } ?? content.open(blob, from: 0))
        }
        try tar.finish()
    }

    /// The documents that describe the archive, by name.
    func documents() throws -> [(name: String, bytes: [UInt8])] {
        var documents = [("index.json", try JSON.encode(ImageIndex(manifests: entries)))]
        if isForDocker { documents.append(("manifest.json", try JSON.encode(dockerManifest))) }
        documents.append(("oci-layout", try JSON.encode(ImageLayout())))
        let repositories = self.repositories
        if isForDocker, !repositories.isEmpty { documents.append(("repositories", try JSON.encode(repositories))) }
        return documents
    }

    /// What `index.json` lists: each image once for each of its names.
    var entries: [Descriptor] {
        items.flatMap { item -> [Descriptor] in
            guard let plain = item.root else { return [] }
            if item.names.isEmpty { return [plain] }
            return item.names.map { name in
                var named = plain
                let own = [Annotation.imageName: name.canonical, Annotation.referenceName: name.tag ?? ""]
                named.annotations = item.annotations.merging(own) { $1 }
                return named
            }
        }
    }

    private var dockerManifest: [DockerArchiveImage] {
        items.compactMap { item in
            item.main.map { image in
                DockerArchiveImage(
                    config: LayoutTar.path(image.id),
                    repositoryTags: item.names.map(\.familiar),
                    layers: image.manifest.value.layers.map { LayoutTar.path($0.digest) }
                )
            }
        }
    }

    /// What Docker before 1.10 read: repository → tag → the top layer.
    ///
    /// Newer ones still write it.
    private var repositories: [String: [String: String]] {
        items.reduce(into: [:]) { result, item in
            guard let top = item.main?.manifest.value.layers.last else { return }
            for name in item.names { result[name.familiarName, default: [:]][name.tag ?? ""] = top.digest.hex }
        }
    }

    /// Every blob once, sorted.
    func blobs() -> [Descriptor] {
        Dictionary(items.flatMap(\.blobs).map { ($0.digest, $0) }) { first, _ in first }.values
            .sorted { $0.digest < $1.digest }
    }
}
