import ByteStreams
import CompressionCodecs
import ContentStorage
import LayerTransfer
import LinuxSystem
package import OCISpec
import Reporting
import SnapshotStorage
package import SystemPackage

extension ImageCatalog {
    /// The unpacked layers of an image, top first as overlay wants them.
    ///
    /// Missing ones are unpacked.
    package func lowers(for image: Image) throws -> [FilePath] {
        try lowers(for: Array(zip(image.config.value.rootfs.diffIDs, image.manifest.value.layers)))
    }

    /// The unpacked layers of a stack, top first; `layers` has the base first.
    ///
    /// A layer that comes more than once (steps that changed nothing all give the empty one) is there once, where it is
    /// uppermost: overlayfs refuses a directory that it has already, and what the lower one has the upper one has too.
    package func lowers(for layers: [(diffID: Digest, blob: Descriptor)]) throws -> [FilePath] {
        var trees: [FilePath] = []
        for (diffID, blob) in layers {
            let tree = try tree(diffID, blob, on: trees)
            trees.removeAll { $0 == tree }
            trees.insert(tree, at: 0)
        }
        return trees
    }

    /// The tree of one layer, unpacked if it isn't there.
    ///
    /// Of several processes that want it at once one unpacks and the others wait: at a lock on the layer's own file,
    /// which ends with its holder and leaves nothing.
    func tree(_ diffID: Digest, _ blob: Descriptor, on below: [FilePath]) throws -> FilePath {
        if let tree = try snapshots.tree(diffID) { return tree }
        guard try content.contains(blob.digest) else {
            throw PlainFailure(.corrupt, "layer \(blob.digest) is missing", hint: "load or build the image again")
        }
        let blobs = try Directory.open(snapshots.root.appending("blobs").appending(blob.digest.algorithm))
        let lock = try FileLock(try blobs.openForReading(PathBytes(blob.digest.hex)), .exclusive)
        defer { _ = lock.descriptor.raw }
        if let tree = try snapshots.tree(diffID) { return tree }
        try unpack(diffID, blob, on: below)
        guard let tree = try snapshots.tree(diffID) else {
            throw PlainFailure(.unavailable, "layer \(diffID) was removed while it was unpacked", hint: "try again")
        }
        return tree
    }

    /// The blob is verified while it is read, and the tree appears only after the last byte; its diff ID was checked
    /// when the blob came into the store.
    private func unpack(_ diffID: Digest, _ blob: Descriptor, on below: [FilePath]) throws {
        let lower = below.isEmpty ? nil : try LayeredTree(lowers: below)
        let tree = try snapshots.prepareTree()
        let (_, plain) = try Decompressor.detecting(try content.open(blob))
        let source = ReadAheadSource(plain, chunkSize: 524_288, depth: 4)
        let applier = LayerApplier(into: try tree.directory(), whiteouts: .forMounting) { (path) throws(SystemError) in
            try lower?.status(path)
        }
        _ = try applier.apply(source)
        try tree.commit(as: diffID)
    }
}
