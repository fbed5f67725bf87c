import ByteStreams
package import ContentStorage
import LinuxSystem
package import MetadataStorage
package import OCISpec
import Reporting
package import SystemPackage

/// An OCI image layout in a folder of the user's. Every document and blob is compared with the digest that names it.
package struct LayoutFolder: Sendable, CustomStringConvertible {
    private let folder: FilePath

    /// How deep indexes may be nested in indexes.
    private static let maximumDepth = 4

    package init(_ folder: FilePath) { self.folder = folder }

    /// How errors name it.
    package var description: String { "OCI layout \"\(folder)\"" }

    /// The manifest or index that a tag names in the layout; without a tag `latest`, or the only one there is.
    package func digest(tag: String?) throws -> Digest {
        let entries = try index().manifests
        let wanted = tag ?? "latest"
        let named = entries.filter { entry in
            let name = entry.annotations?[Annotation.referenceName]
            return name == wanted || name?.hasSuffix(":\(wanted)") == true
        }
        if let entry = named.last { return entry.digest }
        if tag == nil, entries.count == 1 { return entries[0].digest }
        let names = entries.compactMap { $0.annotations?[Annotation.referenceName] }
        throw PlainFailure(
            .notFound,
            "no image with the tag \"\(wanted)\" in the OCI layout \"\(folder)\"",
            hint: names.isEmpty
                ? "it has \(entries.count) images without tags" : "it has \(names.joined(separator: ", "))"
        )
    }

    /// The image for a platform under a digest of the layout, its layers taken into the store.
    ///
    /// - Parameter content: a store under a lease, which keeps the layers while nothing names them.
    package func image(_ digest: Digest, platform: Platform, into content: ContentStore, _ metadata: MetadataStore)
        throws -> Image
    {
        let manifest = try manifest(digest, platform: platform, depth: 0)
        let config: Document<ImageConfig> = try document(manifest.value.config)
        let diffIDs = config.value.rootfs.diffIDs
        guard diffIDs.count == manifest.value.layers.count else {
            throw invalid("image \(digest) has \(manifest.value.layers.count) layers, but \(diffIDs.count) diff IDs")
        }
        for (layer, diffID) in zip(manifest.value.layers, diffIDs) { try take(layer, diffID, content, metadata) }
        return Image(manifest: manifest, config: config, names: [])
    }

    /// What `index.json` lists.
    func entries() throws -> [Descriptor] { try index().manifests }

    /// What is wrong with the file that says that this is a layout; nil where nothing is.
    func markerProblem() throws -> String? {
        guard let bytes = try Directory.open(folder).readFile("oci-layout", limit: 65_536) else { return "missing" }
        do {
            let version = try JSONValue(parsing: bytes)["imageLayoutVersion"]?.text
            return version == "1.0.0" ? nil : "imageLayoutVersion is \(version ?? "missing"), not 1.0.0"
        } catch { return error.description }
    }

    // MARK: - Documents

    private func index() throws -> ImageIndex {
        let directory: Directory
        do { directory = try Directory.open(folder) } catch {
            throw PlainFailure(error.kind, "OCI layout \"\(folder)\" can't be opened: \(error)")
        }
        guard let bytes = try directory.readFile("index.json", limit: JSON.defaultLimit) else {
            throw PlainFailure(.notFound, "\"\(folder)\" is not an OCI layout: it has no index.json")
        }
        do { return try Document<ImageIndex>(bytes: bytes, mediaType: .ociIndex).value } catch {
            throw invalid("index.json: \(error)")
        }
    }

    private func manifest(_ digest: Digest, platform: Platform, depth: Int) throws -> Document<ImageManifest> {
        guard depth < Self.maximumDepth else {
            throw invalid("indexes are nested deeper than \(Self.maximumDepth) levels")
        }
        let bytes = try bytes(of: digest)
        if let manifest = try? Document<ImageManifest>(bytes: bytes, mediaType: .ociManifest) {
            return try Document(bytes: bytes, mediaType: manifest.value.mediaType ?? .ociManifest)
        }
        let index: Document<ImageIndex>
        do { index = try Document(bytes: bytes, mediaType: .ociIndex) } catch {
            throw invalid("\(digest): \(error)")
        }
        guard let chosen = index.value.manifest(for: platform) else {
            let offered = index.value.manifests.compactMap { $0.platform?.description }.joined(separator: ", ")
            throw PlainFailure(
                .notFound,
                "no image for \(platform) in index \(digest) of the OCI layout \"\(folder)\"",
                hint: offered.isEmpty ? nil : "it has \(offered)"
            )
        }
        return try manifest(chosen.digest, platform: platform, depth: depth + 1)
    }

    private func document<Value: ImageDocument>(_ descriptor: Descriptor) throws -> Document<Value> {
        let bytes = try bytes(of: descriptor.digest)
        guard Int64(bytes.count) == descriptor.size else {
            throw invalid("\(descriptor.digest): size is \(bytes.count) bytes, expected \(descriptor.size)")
        }
        do { return try Document(bytes: bytes, mediaType: descriptor.mediaType) } catch {
            throw invalid("\(descriptor.digest): \(error)")
        }
    }

    /// A document, compared with its digest.
    func bytes(of digest: Digest) throws -> [UInt8] {
        let bytes = try file(digest).source.readAll(limit: JSON.defaultLimit)
        guard Digest.of(bytes) == digest else { throw invalid("blob \(digest): its content has another digest") }
        return bytes
    }

    /// A blob's file, which must be one: no link is followed and nothing is waited for.
    func file(_ digest: Digest) throws -> (source: any ByteSource, size: Int64) {
        guard digest.algorithm == "sha256" else {
            throw PlainFailure(.unsupported, "blob \(digest): digests other than sha256 are not supported")
        }
        let path = PathBytes("blobs/\(digest.algorithm)/\(digest.hex)")
        let file: OwnedDescriptor
        do { file = try Directory.open(folder).openForReading(path) } catch {
            throw PlainFailure(error.kind, "OCI layout \"\(folder)\": blob \(digest) can't be read: \(error)")
        }
        let status = try FileStatus(of: file.raw)
        guard status.kind == .file else { throw invalid("blob \(digest) is not a file") }
        return (FileSource(file, subject: "blob \(digest)"), status.size)
    }

    // MARK: - Layers

    /// Takes a layer into the store, unless it is there, with the tar in it compared with its diff ID.
    private func take(_ layer: Descriptor, _ diffID: Digest, _ content: ContentStore, _ metadata: MetadataStore) throws
    {
        if let row = try metadata.layers.row(diffID), row.blob.digest == layer.digest,
            try content.holds(layer.digest, size: layer.size)
        {
            return
        }
        let (source, size) = try file(layer.digest)
        let staged = try LayerIntake(content).member(PeekableSource(source), size: size) {}
        let facts: LayerFacts
        do { facts = try staged.facts(digest: try staged.writer.digest()).get() } catch let refusal as LayerRefusal {
            throw PlainFailure(refusal.kind, "layer \(layer.digest): \(refusal.description)")
        }
        guard facts.diffID == diffID else {
            throw invalid("layer \(layer.digest): expected diff ID \"\(diffID)\", got \"\(facts.diffID)\"")
        }
        try staged.writer.commit(expecting: layer)
        try metadata.layers.set(LayerRow(diffID: diffID, blob: layer, contentSize: facts.contentSize))
    }

    private func invalid(_ detail: String) -> PlainFailure {
        PlainFailure(.corrupt, "invalid OCI layout \"\(folder)\": \(detail)")
    }
}

extension LayoutFolder: BlobSource {
    func blob(_ digest: Digest) throws -> (source: any ByteSource, size: Int64)? {
        do { return try file(digest) } catch let failure as PlainFailure where failure.kind == .notFound { return nil }
    }
}
