package import ContentStorage
import ELFFormat
import LinuxSystem
package import OCISpec
package import SnapshotStorage
import SystemPackage
import TarFormat

extension ImageRoot {
    /// The file system of a stack of layers as they lie in the store, base first: unpacked ones, and uncompressed tars
    /// on them, of which only headers are read. Nothing is unpacked.
    ///
    /// nil where that isn't enough, or where the tars have more than `memberLimit` members: looking would cost too much.
    package static func asStored(
        _ layers: [(diffID: Digest, blob: Descriptor)],
        content: ContentStore,
        snapshots: SnapshotStore,
        memberLimit: Int
    ) throws -> ImageRoot? {
        var trees: [FilePath] = []
        for layer in layers {
            guard let tree = try snapshots.tree(layer.diffID) else { break }
            trees.insert(tree, at: 0)
        }
        if trees.count == layers.count { return try ImageRoot(trees: trees) }
        var members = TarMembers()
        for layer in layers.dropFirst(trees.count) {
            let blob = try content.descriptor(of: layer.blob.digest)
            guard try members.add(blob, size: layer.blob.size, limit: memberLimit) else { return nil }
        }
        return try ImageRoot(members, on: trees)
    }

    /// For which processor the root's own programs are; nil where it has none of the usual ones.
    package func platform() throws -> Platform? {
        for path: PathBytes in ["/bin/sh", "/bin/busybox", "/sbin/init", "/usr/bin/env", "/bin/bash"] {
            guard let entry = try find(path), case .success(let file) = try program(entry) else { continue }
            return Platform(os: "linux", architecture: file.target.architecture)
        }
        return nil
    }
}
