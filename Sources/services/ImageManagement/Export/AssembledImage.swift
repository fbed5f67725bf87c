package import OCISpec

/// An image that was put together: its documents in memory, its layers in the content store. It may be in no store's list.
package struct AssembledImage: Sendable {
    /// One for each platform.
    package var images: [Image]
    /// What lists them, where there are several platforms.
    package var index: Document<ImageIndex>?
    /// What else the index leads to (attestations): blobs of the store.
    package var extras: [Descriptor] = []
    /// The names that it gets.
    package var names: [ImageReference]
    /// What a layout's `index.json` says of it, besides the notes: for whom it is.
    package var platform: Platform?
    /// What a layout's `index.json` says of it.
    package var annotations: [String: String] = [:]

    package init(images: [Image], index: Document<ImageIndex>? = nil, names: [ImageReference] = []) {
        self.images = images
        self.index = index
        self.names = names
    }

    /// What stands for the whole: the index, else the manifest.
    package var root: Descriptor? {
        var root = index?.descriptor ?? images.first?.manifest.descriptor
        root?.platform = platform
        root?.annotations = annotations.isEmpty ? nil : annotations
        return root
    }

    /// The one that this machine runs; else the first.
    package var main: Image? { images.min { Self.distance($0) < Self.distance($1) } }

    private static func distance(_ image: Image) -> Int {
        Platform.host.distance(to: image.config.value.platform) ?? .max
    }

    /// The documents that are in memory, by digest.
    var documents: [Digest: [UInt8]] {
        var documents: [Digest: [UInt8]] = [:]
        if let index { documents[index.descriptor.digest] = index.bytes }
        for image in images {
            documents[image.manifest.descriptor.digest] = image.manifest.bytes
            documents[image.config.descriptor.digest] = image.config.bytes
        }
        return documents
    }

    /// Every blob that belongs to it, documents too.
    package var blobs: [Descriptor] {
        let own = images.flatMap { image in
            [image.manifest.descriptor, image.manifest.value.config] + image.manifest.value.layers
        }
        return (index.map { [$0.descriptor] } ?? []) + own + extras
    }
}
