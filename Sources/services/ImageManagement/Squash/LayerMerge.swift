package import ContentStorage
package import LayerTransfer
import LinuxSystem
package import OCISpec

/// Makes one layer of several that lie on each other: what one adds and a later one removes is in none any more.
package struct LayerMerge {
    package typealias Layer = (diffID: Digest, blob: Descriptor)

    private let images: ImageCatalog
    private let content: ContentStore
    private let epoch: Int64?

    /// - Parameters:
    ///   - content: where the layer goes: under a lease, which holds the layers that it is made of too.
    ///   - epoch: no time in the layer is later, in seconds since 1970.
    package init(images: ImageCatalog, content: ContentStore, epoch: Int64?) {
        self.images = images
        self.content = content
        self.epoch = epoch
    }

    /// Writes the layer, which is there when its writer commits.
    package func write(_ layers: [Layer], above base: [Layer]) throws -> (writer: BlobWriter, usage: LayerUsage) {
        let below = base.isEmpty ? nil : try LayeredTree(lowers: images.lowers(for: base))
        // Each is unpacked on what it was made on; then those to merge are asked for by themselves, since one of them may be
        // in the base too.
        _ = try images.lowers(for: base + layers)
        let upper = try images.lowers(for: layers)
        let writer = try content.writer()
        var tar = MergedTar(to: writer, clamp: epoch)
        try tar.add(try LayeredTree(lowers: upper), above: below)
        return (writer, try tar.finish())
    }
}

extension ImageConfig {
    /// The config of the image whose layers above a base became one.
    ///
    /// The steps stay in the history as steps without a layer, and one more entry says what was merged.
    /// - Parameters:
    ///   - inherited: how many entries of the history are the base's.
    ///   - note: what the last entry says.
    package func squashed(
        above base: [Digest],
        _ layer: Digest,
        inherited: Int,
        created: String?,
        note: String
    ) -> ImageConfig {
        var config = self
        for index in config.history.indices.dropFirst(inherited) { config.history[index].emptyLayer = true }
        config.history.append(History(created: created, createdBy: "", comment: note))
        config.created = created
        config.rootfs.diffIDs = base + [layer]
        return config
    }
}
