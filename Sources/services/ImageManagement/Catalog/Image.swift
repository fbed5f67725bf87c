package import OCISpec

/// An image of the store with its documents.
package struct Image: Sendable {
    /// The digest of the config: what Docker calls the image's ID.
    package var id: Digest { manifest.value.config.digest }
    package var manifest: Document<ImageManifest>
    package var config: Document<ImageConfig>
    /// The tags that point at the image, sorted.
    package var names: [ImageReference]
    /// The index that it was found through; nil for an image that is in the store by itself.
    package var index: Descriptor?

    /// What the store lists it as: the ID of its index, else its own.
    package var listedID: Digest { index?.digest ?? id }

    package init(manifest: Document<ImageManifest>, config: Document<ImageConfig>, names: [ImageReference]) {
        self.manifest = manifest
        self.config = config
        self.names = names
    }

    /// The chain IDs of the layers, base first: what names a stack of layers up to each of them.
    package var chainIDs: [Digest] { ChainID.all(of: config.value.rootfs.diffIDs) }
}

/// The names of stacks of layers.
package enum ChainID {
    /// The chain IDs up to each diff ID, base first: the first is the diff ID itself, each other one is the digest of
    /// the chain ID before it, a space and its diff ID.
    package static func all(of diffIDs: [Digest]) -> [Digest] {
        var chain: [Digest] = []
        for diffID in diffIDs {
            chain.append(chain.last.map { Digest.of(Array("\($0) \(diffID)".utf8)) } ?? diffID)
        }
        return chain
    }
}
