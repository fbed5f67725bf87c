import ContainerMonitor
import LinuxSystem
import OCISpec
import SystemPackage

/// The mount points that a step's mounts lack, as a lower directory of their own: so making them changes nothing of what the
/// step writes, and nothing of them gets into its layer.
struct MountPointLayer {
    /// The file system below, with the container's own files in it.
    let tree: LayeredTree

    /// What is mounted anyway: mount points below are made in there.
    private static let mounted: Set<String> = ["/dev", "/proc", "/sys"]
    private static let epoch = FileTime(seconds: 0)

    /// Makes the layer at `path`; nil where every mount point is there already.
    func make(for mounts: [StepMount], at path: FilePath) throws -> FilePath? {
        var layer: Directory?
        for mount in mounts where !isInside(mount.target, mounts) {
            let place = try tree.resolve(PathBytes(mount.target))
            guard place.status == nil else { continue }
            let top = try layer.take() ?? Directory.open(path, create: true, mode: 0o755)
            try add(place.path.components, isDirectory: mount.isDirectory, to: top)
            layer = consume top
        }
        return layer == nil ? nil : path
    }

    /// Whether a mount point lies in something else that is mounted.
    private func isInside(_ target: String, _ mounts: [StepMount]) -> Bool {
        let others = Self.mounted.union(mounts.map(\.target)).subtracting([target])
        return others.contains { target.hasPrefix($0 + "/") }
    }

    private func add(_ names: [PathBytes], isDirectory: Bool, to top: borrowing Directory) throws {
        let paths = names.indices.map { end in
            PathBytes(Array(names[...end].map(\.bytes).joined(separator: [UInt8(ascii: "/")])))
        }
        for path in paths where try top.status(path) == nil {
            if path == paths.last, !isDirectory {
                try top.addDocument(path, [], mode: 0o644)
            } else {
                try top.makeDirectory(path, mode: 0o755)
                try imitate(path, in: top)
            }
        }
        // Last, since making names changes times.
        for path in paths {
            let status = try tree.resolve(path, followLast: false).status
            try top.setTimes(
                path,
                accessed: status?.accessed ?? Self.epoch,
                modified: status?.modified ?? Self.epoch
            )
        }
    }

    /// A directory that is there below looks as it does there: what stands in the top layer is what shows.
    private func imitate(_ path: PathBytes, in top: borrowing Directory) throws {
        guard let status = try tree.resolve(path, followLast: false).status else { return try top.chmod(path, 0o755) }
        try top.chown(path, uid: status.uid, gid: status.gid)
        try top.chmod(path, status.permissions)
        for (attribute, value) in try tree.attributes(path) { try top.setAttribute(attribute, of: path, to: value) }
    }
}
