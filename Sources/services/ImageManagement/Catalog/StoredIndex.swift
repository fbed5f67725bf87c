import ContentStorage
import MetadataStorage
import OCISpec
import Reporting

/// An index of the store, with what is there of the images that it lists: an archive may have brought only some of them.
struct StoredIndex {
    let document: Document<ImageIndex>
    /// The images that are there, in the index's order.
    let images: [Image]
    /// The blobs of other things that the index lists, such as attestations, as far as they are there.
    let extras: [Descriptor]

    init(_ row: ImageRow, names: [ImageReference], content: ContentStore) throws {
        document = try Document(stored: row.manifest, in: content)
        var images: [Image] = []
        var extras: [Descriptor] = []
        for entry in document.value.manifests where entry.mediaType.role == .manifest {
            guard try content.size(entry.digest) == entry.size else { continue }
            let manifest: Document<ImageManifest> = try Document(stored: entry, in: content)
            let blobs = [manifest.value.config] + manifest.value.layers
            if Self.isImage(entry, manifest.value) {
                guard try blobs.allSatisfy({ try content.contains($0.digest) }) else { continue }
                let config: Document<ImageConfig> = try Document(stored: manifest.value.config, in: content)
                var image = Image(manifest: manifest, config: config, names: names)
                image.index = row.manifest
                images.append(image)
            } else {
                extras.append(entry)
                extras += try blobs.filter { try content.contains($0.digest) }
            }
        }
        self.images = images
        self.extras = extras
    }

    /// Whether an entry is for running; attestations have a platform that nothing is.
    static func isImage(_ entry: Descriptor, _ manifest: ImageManifest) -> Bool {
        manifest.config.mediaType.role == .config && manifest.artifactType == nil
            && entry.platform?.architecture != "unknown" && entry.annotations?["vnd.docker.reference.type"] == nil
    }

    /// The image that serves a platform best; nil if none does.
    func image(for platform: Platform) -> Image? {
        let there = Set(images.map(\.manifest.descriptor.digest))
        let usable = ImageIndex(manifests: document.value.manifests.filter { there.contains($0.digest) })
        guard let chosen = usable.manifest(for: platform) else { return nil }
        return images.first { $0.manifest.descriptor.digest == chosen.digest }
    }

    /// What `image(for:)` had to choose from.
    var platforms: [Platform] { images.map(\.config.value.platform) }
}

extension Document where Value: ImageDocument {
    /// A document of the store, verified.
    init(stored descriptor: Descriptor, in content: ContentStore) throws {
        let bytes = try content.read(descriptor)
        do { try self.init(bytes: bytes, mediaType: descriptor.mediaType) } catch {
            throw PlainFailure(.corrupt, "\(descriptor.digest): \(error.description)")
        }
    }
}

extension ImageRow {
    /// Whether it is an index: one image for several platforms.
    var isIndex: Bool { manifest.mediaType.role == .index }
}
