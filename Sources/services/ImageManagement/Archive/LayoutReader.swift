import OCISpec
import Reporting

/// Reads the images of an archive that is an OCI layout.
struct LayoutReader {
    private let contents: ArchiveContents
    private let platform: Platform
    /// Whether the archive is a layout at all.
    let isPresent: Bool
    /// Every image manifest that the index leads to, by the digest of its config.
    private(set) var manifests: [Digest: Document<ImageManifest>] = [:]
    /// What the index itself lists that is an image for several platforms.
    private(set) var indexes: [LoadPlan.PlannedIndex] = []
    private var found: [(manifest: Document<ImageManifest>, names: [ImageReference])] = []
    private var notes: [String] = []

    /// How deep indexes may be nested in indexes.
    private static let maximumDepth = 4

    init(_ contents: ArchiveContents, platform: Platform) throws {
        self.contents = contents
        self.platform = platform
        guard let bytes = contents.documents[.layoutIndex] else {
            isPresent = false
            return
        }
        isPresent = true
        let index: Document<ImageIndex>
        do { index = try Document(bytes: bytes, mediaType: .ociIndex) } catch {
            throw PlainFailure(.corrupt, "index.json: \(error.description)")
        }
        for entry in index.value.manifests { try add(entry) }
    }

    /// The images of the layout: what the index itself lists, one platform of each.
    func images() throws -> (images: [LoadPlan.PlannedImage], notes: [String]) {
        var images: [LoadPlan.PlannedImage] = []
        for (manifest, names) in found {
            let image = try image(manifest, names)
            if let same = images.firstIndex(where: { $0.manifest.descriptor.digest == manifest.descriptor.digest }) {
                images[same].names += names.filter { !images[same].names.contains($0) }
            } else {
                images.append(image)
            }
        }
        return (images, notes)
    }

    private func image(_ manifest: Document<ImageManifest>, _ names: [ImageReference]) throws -> LoadPlan.PlannedImage {
        let blobs = try manifest.value.layers.map { layer in
            let blob = try contents.blob(Self.path(layer.digest))
            guard blob.size == layer.size else { throw Self.sizeMismatch(layer, blob.size) }
            return blob
        }
        return try LoadPlan.image(manifest: manifest, config: config(of: manifest), blobs: blobs, names: names)
    }

    /// One entry of `index.json`.
    private mutating func add(_ entry: Descriptor) throws {
        if entry.mediaType.role == .index, let index = try severalPlatforms(entry) {
            let names = Self.names(entry.annotations ?? [:])
            if let same = indexes.firstIndex(where: { $0.document.descriptor.digest == entry.digest }) {
                indexes[same].names += names.filter { !indexes[same].names.contains($0) }
            } else {
                indexes.append(index)
            }
            return
        }
        guard let manifest = try manifest(entry, depth: 0) else { return }
        guard manifest.value.config.mediaType.role == .config else {
            notes.append("\(entry.digest) is not an image (\(manifest.value.config.mediaType)) and was left out")
            return
        }
        manifests[manifest.value.config.digest] = manifest
        found.append((manifest, Self.names(entry.annotations ?? [:])))
    }

    /// The manifest that an entry leads to: itself, or the one for our platform of the index it names.
    private mutating func manifest(_ entry: Descriptor, depth: Int) throws -> Document<ImageManifest>? {
        guard depth < Self.maximumDepth else {
            throw PlainFailure(.corrupt, "index.json: indexes are nested deeper than \(Self.maximumDepth) levels")
        }
        switch entry.mediaType.role {
        case .manifest: return try document(entry)
        case .index:
            let index: Document<ImageIndex> = try document(entry)
            guard let chosen = index.value.manifest(for: platform) else {
                let offered = index.value.manifests.compactMap { $0.platform?.description }.joined(separator: ", ")
                throw PlainFailure(
                    .notFound,
                    "no image for \(platform) in index \(entry.digest)",
                    hint: offered.isEmpty ? nil : "it has \(offered)"
                )
            }
            return try manifest(chosen, depth: depth + 1)
        default:
            notes.append("\(entry.digest) has the unknown type \"\(entry.mediaType)\" and was left out")
            return nil
        }
    }

    /// An index with the images of two platforms or more, all of whose parts are in the archive; nil for another one.
    private func severalPlatforms(_ entry: Descriptor) throws -> LoadPlan.PlannedIndex? {
        let index: Document<ImageIndex> = try document(entry)
        var images: [LoadPlan.PlannedImage] = []
        var extras: [LoadPlan.Extra] = []
        for listed in index.value.manifests where listed.mediaType.role == .manifest && isThere(listed) {
            let manifest: Document<ImageManifest> = try document(listed)
            let blobs = [manifest.value.config] + manifest.value.layers
            if StoredIndex.isImage(listed, manifest.value) {
                if blobs.allSatisfy(isThere) { images.append(try image(manifest, [])) }
            } else {
                extras += try ([listed] + blobs).filter(isThere).map(extra)
            }
        }
        guard images.count > 1 else { return nil }
        let names = Self.names(entry.annotations ?? [:])
        return LoadPlan.PlannedIndex(document: index, images: images, extras: extras, names: names)
    }

    /// Whether the archive has a blob of that name.
    private func isThere(_ blob: Descriptor) -> Bool {
        guard let path = ArchivePath(Self.path(blob.digest)).flatMap(contents.resolve) else { return false }
        return contents.documents[path] != nil || contents.blobs[path] != nil
    }

    private func extra(_ blob: Descriptor) throws -> LoadPlan.Extra {
        let path = ArchivePath(Self.path(blob.digest)).flatMap(contents.resolve)
        let bytes = path.flatMap { contents.documents[$0] }
        let size = path.flatMap { contents.blobs[$0]?.size } ?? Int64(bytes?.count ?? 0)
        guard size == blob.size else { throw Self.sizeMismatch(blob, size) }
        return LoadPlan.Extra(descriptor: blob, bytes: bytes)
    }

    private func config(of manifest: Document<ImageManifest>) throws -> Document<ImageConfig> {
        try document(manifest.value.config)
    }

    /// A document by its descriptor, with its size and digest checked.
    private func document<Value: ImageDocument>(_ descriptor: Descriptor) throws -> Document<Value> {
        let bytes = try contents.document(Self.path(descriptor.digest))
        guard Int64(bytes.count) == descriptor.size else { throw Self.sizeMismatch(descriptor, Int64(bytes.count)) }
        do {
            let document = try Document<Value>(bytes: bytes, mediaType: descriptor.mediaType)
            guard document.descriptor.digest == descriptor.digest else {
                throw PlainFailure(
                    .corrupt,
                    "\(descriptor.digest): digest is \(document.descriptor.digest)"
                )
            }
            return document
        } catch let error as JSONError {
            throw PlainFailure(.corrupt, "\(descriptor.digest): \(error.description)")
        }
    }

    private static func path(_ digest: Digest) -> String { "blobs/\(digest.algorithm)/\(digest.hex)" }

    private static func sizeMismatch(_ descriptor: Descriptor, _ size: Int64) -> PlainFailure {
        PlainFailure(.corrupt, "\(descriptor.digest): size is \(size) bytes, expected \(descriptor.size)")
    }

    /// The name of an entry: containerd's complete one, else the layout's own where it is more than a tag.
    private static func names(_ annotations: [String: String]) -> [ImageReference] {
        if let text = annotations[Annotation.imageName], let name = try? ImageReference.forTagging(text) {
            return [name]  // a name that is none is not worth failing for: the image is loaded without it
        }
        guard let text = annotations[Annotation.referenceName], text.contains(where: { $0 == ":" || $0 == "/" }),
            let name = try? ImageReference.forTagging(text)  // the same
        else { return [] }
        return [name]
    }
}
