package import SystemPackage

/// What makes of layers one file system that can be written to: Docker's storage drivers.
package enum StorageDriver: String, Codable, Sendable, Hashable, CaseIterable {
    /// The kernel's overlayfs.
    case overlay = "overlay2"
    /// overlayfs by a process, for kernels that don't mount theirs for this user.
    case fuseOverlay = "fuse-overlayfs"
    /// A copy of all layers for each container, which every kernel can have.
    case copies = "vfs"

    /// The driver of a name; `overlay` is podman's for the first.
    package init?(name: String) {
        guard let driver = Self(rawValue: name == "overlay" ? "overlay2" : name) else { return nil }
        self = driver
    }

    /// Directories laid over each other, the top one of `lowers` first; what is written goes to `upper`, or with copies into
    /// one that lies in `work`.
    package func mount(
        lowers: [FilePath],
        upper: FilePath,
        work: FilePath,
        volatile: Bool = false
    ) throws(SystemError) -> MountTree {
        switch self {
        case .overlay: return try MountTree.overlay(lowers: lowers, upper: upper, work: work, volatile: volatile)
        case .fuseOverlay: return try FuseOverlay.mount(lowers: lowers, upper: upper, work: work, volatile: volatile)
        case .copies:
            let root = try LayerCopy(lowers: lowers, upper: upper, work: work).make()
            let tree = try MountTree.copying(root, recursive: false)
            try tree.change(propagation: .isolated)
            return tree
        }
    }

    /// Brings what was written to `upper`, as overlayfs leaves it there, once it is mounted nowhere any more.
    package func settle(lowers: [FilePath], upper: FilePath, work: FilePath) throws(SystemError) {
        switch self {
        case .overlay: return
        case .fuseOverlay: try UpperTranslation(lowers: lowers).translate(try Directory.open(upper))
        case .copies:
            try LayerCopy(lowers: lowers, upper: upper, work: work).collect(into: try Directory.open(upper), .moving)
        }
    }

    /// Gives an empty directory what was written so far, as overlayfs would have it in its upper directory. Files are the
    /// same under another name: nothing is copied.
    package func show(
        lowers: [FilePath],
        upper: FilePath,
        work: FilePath,
        in target: borrowing Directory
    ) throws(SystemError) {
        if self == .copies {
            return try LayerCopy(lowers: lowers, upper: upper, work: work).collect(into: try target.reopened(), .linking)
        }
        let source = try Directory.open(upper)
        try LinkedTree.copyContents(of: source, to: target)
        try FileCopy.imitate(try source.status(), of: ".", in: source, as: ".", in: target)
        if self == .fuseOverlay { try UpperTranslation(lowers: lowers).translate(target) }
    }
}
