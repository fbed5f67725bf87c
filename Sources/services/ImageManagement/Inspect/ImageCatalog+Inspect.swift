import ContentStorage
import MetadataStorage
package import OCISpec
import SnapshotStorage
import SystemPackage

extension ImageCatalog {
    /// `inspect` of an image: Docker's fields in Docker's order.
    package func inspect(_ image: Image) throws -> JSONValue {
        let row = try metadata.images.row(image.listedID)
        let diffIDs = image.config.value.rootfs.diffIDs
        let trees = try diffIDs.reversed().compactMap { try snapshots.tree($0)?.string }
        return try DockerInspection(
            image: image,
            parent: row?.parent,
            size: try layerSizes(of: image).reduce(0, +),
            index: try row.flatMap { $0.isIndex ? try index($0) : nil },
            trees: trees.count == diffIDs.count ? trees : nil,
            lastTagged: try metadata.tags.rows(of: image.listedID).map(\.taggedAt).max().map {
                Timestamp(epochNanoseconds: $0)
            },
            origins: try metadata.origins.rows(of: image.listedID).map(ImageOrigin.init)
        ).value()
    }

    /// The rows of `history`, newest first.
    package func history(_ image: Image) throws -> [HistoryRow] {
        HistoryRow.rows(of: image, sizes: try layerSizes(of: image))
    }

    func layerSizes(of image: Image) throws -> [Int64] {
        try layerSizes(diffIDs: image.config.value.rootfs.diffIDs, layers: image.manifest.value.layers)
    }
}

extension ImageCatalog {
    /// The manifest or index of an image, byte for byte.
    package func rawManifest(_ name: String) throws -> [UInt8] { try content.read(find(name).row.manifest) }
}
