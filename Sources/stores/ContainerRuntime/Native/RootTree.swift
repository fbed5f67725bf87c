private import Glibc
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// The container's root before it is anybody's: a tree that is mounted nowhere.
struct RootTree: ~Copyable {
    private(set) var tree: MountTree

    /// Gives away what says whether the root's files are still served, where a program does that.
    mutating func takeServer() -> OwnedDescriptor? { tree.takeServer() }

    /// - Parameter owners: whose the layers' files shall seem; nil leaves them as they are.
    init(_ root: RootFileSystem, owners: UserMap? = nil) throws(RuntimeError) {
        if case .overlay(let lowers, _, _, _, _) = root, lowers.isEmpty {
            throw RuntimeError(.invalidArgument, "an overlay needs at least one lower directory")
        }
        if owners != nil, case .overlay(_, _, _, _, .fuseOverlay) = root {
            throw RuntimeError(
                .unsupported,
                "the storage driver fuse-overlayfs can't show files as those of other users",
                hint: "SOCLE_STORAGE_DRIVER=vfs can"
            )
        }
        do {
            tree = try Self.mount(root, owners)
        } catch {
            throw RuntimeError("mounting the container's root", error)
        }
    }

    private static func mount(_ root: RootFileSystem, _ owners: UserMap?) throws(SystemError) -> MountTree {
        switch root {
        case .directory(let path):
            let tree = try MountTree.copying(path, recursive: true)
            try tree.change(propagation: .isolated, recursive: true)
            return tree
        case .overlay(let lowers, let upper, let work, let volatile, let driver):
            if let owners, driver == .overlay { return try overlay(lowers, upper, work, volatile, owners) }
            let tree = try driver.mount(lowers: lowers, upper: upper, work: work, volatile: volatile)
            if let owners {
                let namespace = try UserNamespace.make(users: owners.userLines, groups: owners.groupLines)
                try tree.mapOwners(as: namespace, recursive: false)
            }
            return tree
        }
    }

    /// Overlay takes layers whose owners are mapped, where it refuses to be mapped itself: on the disk, and for whoever reads
    /// it there, all belongs to whom it did.
    private static func overlay(
        _ lowers: [FilePath],
        _ upper: FilePath,
        _ work: FilePath,
        _ volatile: Bool,
        _ owners: UserMap
    ) throws(SystemError) -> MountTree {
        let namespace = try UserNamespace.make(users: owners.userLines, groups: owners.groupLines)
        var opened: [CInt] = []
        defer { for descriptor in opened { close(descriptor) } }
        for path in lowers {
            let layer = try MountTree.copying(path, recursive: false)
            try layer.mapOwners(as: namespace, recursive: false)
            opened.append(layer.takeDescriptor().release())
        }
        // Both have to be on the same mount.
        let folder = try MountTree.copying(upper.parent, recursive: false)
        try folder.mapOwners(as: namespace, recursive: false)
        let inner = Directory(adopting: folder.takeDescriptor())
        for path in [upper, work] {
            guard path.parent == upper.parent, let name = path.lastComponent else {
                throw SystemError("open", path.string, .improperLink)
            }
            opened.append(try inner.reference(PathBytes(name.string)).release())
        }
        return try MountTree.overlay(
            lowers: Array(opened[..<lowers.count]),
            upper: opened[lowers.count],
            work: opened[lowers.count + 1],
            volatile: volatile,
            actingAs: owners.users.first?.hostID ?? 0,
            group: owners.groups.first?.hostID ?? 0
        )
    }

    /// A small regular file of the root, links followed inside it; nil if it isn't there or isn't one.
    func file(_ path: String, limit: Int) throws(RuntimeError) -> [UInt8]? {
        do {
            let root = Directory(adopting: try tree.descriptor.duplicate())
            let file = try root.openInRoot(PathBytes(path), flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
            var status = stat()
            try check("fstat", path) { fstat(file.raw, &status) }
            guard status.st_mode & S_IFMT == S_IFREG else { return nil }
            return try DescriptorIO.readAll(file.raw, limit: limit)
        } catch  where [.noSuchFileOrDirectory, .notDirectory, .noSuchAddressOrDevice].contains(error.errno) {
            return nil
        } catch {
            throw RuntimeError("reading \(path) of the container's root", error)
        }
    }
}
