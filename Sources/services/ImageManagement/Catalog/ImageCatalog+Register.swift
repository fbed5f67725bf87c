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
        let image = Image(manifest: manifest, config: config, names: [])
        return try register(AssembledImage(images: [image], names: tags))
    }

    /// Counts what a layer holds, where who made it didn't say.
    ///
    /// Reads the layer.
    private func count(_ blob: Descriptor) throws -> Int64 {
        let (_, plain) = try Decompressor.detecting(try content.openUnverified(blob))
        return try TarCheck.validate(plain).bytes
    }

    /// Lets an image appear that was put together: for one platform or several, with its names.
    ///
    /// Its layers are in the store; the names move to it, all at once with its appearance. What comes back is the image for
    /// this machine, else the first.
    package func register(_ image: AssembledImage) throws -> Image {
        let images = try image.images.map { one in
            let rows = try zip(one.config.value.rootfs.diffIDs, one.manifest.value.layers).map { diffID, blob in
                let known = try metadata.layers.row(diffID)?.contentSize
                return LayerRow(diffID: diffID, blob: blob, contentSize: try known ?? count(blob))
            }
            return NewImage(
                manifest: one.manifest,
                config: one.config,
                tags: image.index == nil ? image.names : [],
                layers: rows
            )
        }
        guard let document = image.index else { return try register(images)[0].image }
        let new = NewIndex(document: document, images: images, tags: image.names)
        return try register([], [new])[0].image
    }

    /// An index that is about to appear, with those of its images that are in the store.
    struct NewIndex {
        var document: Document<ImageIndex>
        var images: [NewImage]
        var tags: [ImageReference]
        /// What else it leads to, which is in the store.
        var extras: [Descriptor] = []

        var blobs: [Descriptor] { [document.descriptor] + images.flatMap(\.blobs) + extras }
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
        _ indexes: [NewIndex] = [],
        storing store: (ContentStore) throws -> Void = { _ in }
    ) throws -> [Registered] {
        let all = images + indexes.flatMap(\.images)
        for new in all { try Self.requireWhole(new) }
        for tag in (images.map(\.tags) + indexes.map(\.tags)).joined() { _ = try Self.tagName(tag) }
        let present = images.flatMap(\.blobs) + indexes.flatMap(\.blobs)
        let blobs = Set(present.map(\.digest))
        let registered = try leasing(blobs) { content in
            try store(content)
            for new in all {
                try content.put(new.config.bytes, durable: false)
                try content.put(new.manifest.bytes, durable: false)
            }
            for index in indexes { try content.put(index.document.bytes, durable: false) }
            try requirePresent(present)
            // What is there under the same names was made durable when it came.
            let fresh = try images.filter { try !isThere($0) }.flatMap(\.blobs) + indexes.flatMap(\.blobs)
            if !fresh.isEmpty { try content.makeDurable(Set(fresh.map(\.digest))) }
            let ids = images.map(\.config.descriptor.digest) + indexes.map(\.document.descriptor.digest)
            return try metadata.transaction(durable: !fresh.isEmpty) {
                let replaced = try images.map(insert) + indexes.map(insert)
                // Seen in the same change: somebody may remove it right after.
                return try zip(ids, replaced).map { id, replaced in
                    guard let image = try image(id) else { throw PlainFailure(.internal, "image \(id) can't be seen") }
                    return Registered(image: image, replaced: replaced)
                }
            }
        }
        try publish()
        return registered
    }

    private static func requireWhole(_ new: NewImage) throws {
        guard new.config.value.rootfs.diffIDs.count == new.manifest.value.layers.count else {
            throw PlainFailure(
                .internal,
                "image \(new.config.descriptor.digest): layers and diff IDs differ in number"
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
    private func requirePresent(_ blobs: [Descriptor]) throws {
        for blob in blobs where try !content.contains(blob.digest) {
            throw PlainFailure(
                .unavailable,
                "blob \(blob.digest) was removed while the image was made",
                hint: "try again"
            )
        }
    }

    private func insert(_ new: NewImage) throws -> [(name: ImageReference, former: Digest)] {
        for layer in new.layers { try metadata.layers.set(layer) }
        try metadata.images.upsert(row(new))
        return try name(new.config.descriptor.digest, new.tags)
    }

    private func insert(_ new: NewIndex) throws -> [(name: ImageReference, former: Digest)] {
        for layer in new.images.flatMap(\.layers) { try metadata.layers.set(layer) }
        var sizes: [Digest: Int64] = [:]
        for image in new.images {
            let diffIDs = image.config.value.rootfs.diffIDs
            for (diffID, size) in zip(diffIDs, try layerSizes(diffIDs: diffIDs, layers: image.manifest.value.layers)) {
                sizes[diffID] = size
            }
        }
        let id = new.document.descriptor.digest
        try metadata.images.upsert(
            ImageRow(
                id: id,
                manifest: new.document.descriptor,
                createdAt: new.images.compactMap { Self.created($0.config.value) }.max(),
                addedAt: Timestamp.now.epochNanoseconds,
                size: sizes.values.reduce(0, +),
                parent: nil
            )
        )
        return try name(id, new.tags)
    }

    /// Moves names to an image; the names that another image had before.
    private func name(_ id: Digest, _ tags: [ImageReference]) throws -> [(name: ImageReference, former: Digest)] {
        try tags.compactMap { tag in
            let name = try Self.tagName(tag)
            let former = try metadata.tags.image(name)
            try metadata.tags.set(name: name, image: id)
            return former.flatMap { $0 == id ? nil : (tag.withDefaultTag, $0) }
        }
    }

    /// An odd time counts as none.
    private static func created(_ config: ImageConfig) -> Int64? {
        config.created.flatMap { try? Timestamp($0) }?.epochNanoseconds
    }

    private func row(_ new: NewImage) throws -> ImageRow {
        let sizes = try layerSizes(diffIDs: new.config.value.rootfs.diffIDs, layers: new.manifest.value.layers)
        return ImageRow(
            id: new.config.descriptor.digest,
            manifest: new.manifest.descriptor,
            createdAt: Self.created(new.config.value),
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
