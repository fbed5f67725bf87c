import CompressionCodecs
import ContentStorage
import LayerTransfer
import MetadataStorage
package import OCISpec
import Reporting

extension ImageCatalog {
    /// Makes an image of a config and of layers that are in the store: the last step of a build.
    ///
    /// The config is complete, with the diff ID of every layer; the layers have the base first. The names move to the
    /// new image, all at once with its appearance.
    package func register(
        config: ImageConfig,
        layers: [Descriptor],
        annotations: [String: String]? = nil,
        tags: [ImageReference]
    ) throws -> Image {
        let config = try Document(encoding: config, mediaType: .ociConfig)
        let manifest = try Document(
            encoding: ImageManifest(config: config.descriptor, layers: layers, annotations: annotations),
            mediaType: .ociManifest
        )
        let rows = try zip(config.value.rootfs.diffIDs, layers).map { diffID, blob in
            let known = try metadata.layers.row(diffID)?.contentSize
            return LayerRow(diffID: diffID, blob: blob, contentSize: try known ?? count(blob))
        }
        return try register([NewImage(manifest: manifest, config: config, tags: tags, layers: rows)])[0].image
    }

    /// Counts what a layer holds, where who made it didn't say.
    ///
    /// Reads the layer.
    private func count(_ blob: Descriptor) throws -> Int64 {
        let (_, plain) = try Decompressor.detecting(try content.openUnverified(blob))
        return try TarCheck.validate(plain).bytes
    }

    /// An image that is about to appear; its layers are in the store.
    struct NewImage {
        var manifest: Document<ImageManifest>
        var config: Document<ImageConfig>
        var tags: [ImageReference]
        /// What is known of the layers beyond the documents.
        var layers: [LayerRow] = []

        /// Everything that must be in the store for it.
        var blobs: [Descriptor] { [manifest.descriptor, config.descriptor] + manifest.value.layers }
    }

    /// What appeared.
    struct Registered {
        var image: Image
        /// Names that another image had before.
        var replaced: [(name: ImageReference, former: Digest)]
    }

    /// Lets images appear, all or none, durably.
    ///
    /// `store` puts the layers that aren't there yet into the store that it is given. From before it to the end, a lease
    /// keeps all blobs from being removed as unused. What came new goes again when something fails.
    func register(
        _ images: [NewImage],
        storing store: (ContentStore) throws -> Void = { _ in }
    ) throws -> [Registered] {
        for new in images {
            guard new.config.value.rootfs.diffIDs.count == new.manifest.value.layers.count else {
                throw PlainFailure(
                    .internal,
                    "image \(new.config.descriptor.digest): layers and diff IDs differ in number"
                )
            }
            for tag in new.tags { _ = try Self.tagName(tag) }
        }
        let blobs = Set(images.flatMap(\.blobs).map(\.digest))
        let replaced = try leasing(blobs) { content in
            try store(content)
            for new in images {
                try content.put(new.config.bytes, durable: false)
                try content.put(new.manifest.bytes, durable: false)
            }
            try requirePresent(images)
            // What is there under the same names was made durable when it came.
            let new = try images.filter { try !isThere($0) }
            if !new.isEmpty { try content.makeDurable(Set(new.flatMap(\.blobs).map(\.digest))) }
            return try metadata.transaction(durable: !new.isEmpty) { try images.map(insert) }
        }
        try publish()
        return try zip(images, replaced).map { new, replaced in
            let names = try names(of: new.config.descriptor.digest)
            return Registered(
                image: Image(manifest: new.manifest, config: new.config, names: names),
                replaced: replaced
            )
        }
    }

    /// Whether the store has this very image under these names already.
    private func isThere(_ new: NewImage) throws -> Bool {
        let id = new.config.descriptor.digest
        guard try metadata.images.row(id)?.manifest.digest == new.manifest.descriptor.digest else { return false }
        return try new.tags.allSatisfy { try metadata.tags.image(Self.tagName($0)) == id }
    }

    /// Runs `body` while nobody removes these blobs; what it adds of them goes again when it fails.
    private func leasing<Result>(_ blobs: Set<Digest>, _ body: (ContentStore) throws -> Result) throws -> Result {
        let lease = try metadata.transaction {
            let lease = try metadata.leases.create()
            for digest in blobs { try metadata.leases.add(lease, digest) }
            return lease
        }
        do {
            let missing = try blobs.filter { try !content.contains($0) }
            do {
                let result = try body(content.leasing(lease))
                try metadata.leases.delete(lease)
                return result
            } catch {
                try metadata.leases.delete(lease)
                try discard(blobs: missing, trees: [])
                throw error
            }
        } catch {
            try? metadata.leases.delete(lease)  // the first error is the one to tell; a dead lease holds nothing
            throw error
        }
    }

    /// The lease holds what is there; a layer that went before it was taken must be made again.
    private func requirePresent(_ images: [NewImage]) throws {
        for blob in images.flatMap(\.blobs) where try !content.contains(blob.digest) {
            throw PlainFailure(
                .unavailable,
                "blob \(blob.digest) was removed while the image was made",
                hint: "try again"
            )
        }
    }

    private func insert(_ new: NewImage) throws -> [(name: ImageReference, former: Digest)] {
        let id = new.config.descriptor.digest
        for layer in new.layers { try metadata.layers.set(layer) }
        try metadata.images.upsert(row(new))
        return try new.tags.compactMap { tag in
            let name = try Self.tagName(tag)
            let former = try metadata.tags.image(name)
            try metadata.tags.set(name: name, image: id)
            return former.flatMap { $0 == id ? nil : (tag.withDefaultTag, $0) }
        }
    }

    private func row(_ new: NewImage) throws -> ImageRow {
        let sizes = try layerSizes(diffIDs: new.config.value.rootfs.diffIDs, layers: new.manifest.value.layers)
        let created = new.config.value.created.flatMap { try? Timestamp($0) }  // an odd time counts as none
        return ImageRow(
            id: new.config.descriptor.digest,
            manifest: new.manifest.descriptor,
            createdAt: created?.epochNanoseconds,
            addedAt: Timestamp.now.epochNanoseconds,
            size: sizes.reduce(0, +),
            parent: nil
        )
    }

    /// What the files of each layer hold, as Docker counts; the blob's size where nobody counted.
    func layerSizes(diffIDs: [Digest], layers: [Descriptor]) throws -> [Int64] {
        try zip(diffIDs, layers).map { diffID, layer in
            try metadata.layers.row(diffID)?.contentSize ?? layer.size
        }
    }
}
