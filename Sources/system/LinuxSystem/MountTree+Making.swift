private import CLinuxShims
private import Glibc
package import SystemPackage

extension MountTree {
    /// A copy of what an open file or directory is mounted from, beginning with it; with `recursive`, of everything mounted
    /// below it too. A reference will do.
    package static func copying(
        of reference: borrowing OwnedDescriptor,
        recursive: Bool = false
    ) throws(SystemError) -> MountTree {
        let flags =
            LINUX_OPEN_TREE_CLONE | LINUX_OPEN_TREE_CLOEXEC | CUnsignedInt(LINUX_AT_EMPTY_PATH)
            | (recursive ? LINUX_AT_RECURSIVE : 0)
        let raw = try check("open_tree") { linux_open_tree(reference.raw, "", flags) }
        return MountTree(adopting: OwnedDescriptor(adopting: raw))
    }

    /// Memory as a file system, of at most so many bytes.
    package static func memory(mode: UInt32, size: Int) throws(SystemError) -> MountTree {
        let context = OwnedDescriptor(adopting: try check("fsopen", "tmpfs") { linux_fsopen("tmpfs") })
        for (key, value) in [("source", "tmpfs"), ("mode", String(mode, radix: 8)), ("size", String(size))] {
            try check("fsconfig", key) { linux_fsconfig_string(context.raw, key, value) }
        }
        try check("fsconfig", "tmpfs") { linux_fsconfig_create(context.raw) }
        return MountTree(
            adopting: OwnedDescriptor(adopting: try check("fsmount", "tmpfs") { linux_fsmount(context.raw, 0) })
        )
    }

    /// Mounts the tree at a directory of the host's, as this thread sees it.
    package func attach(at path: FilePath) throws(SystemError) {
        try check("move_mount", path.string) {
            path.withPlatformString { linux_move_mount(descriptor.raw, $0) }
        }
    }

    /// Mounts the tree on what is open, as this thread sees it. A reference will do.
    package func attach(on place: borrowing OwnedDescriptor) throws(SystemError) {
        try check("move_mount") { linux_move_mount_onto(descriptor.raw, place.raw) }
    }

    /// Shows files of a user and a group as root's, and root's as theirs; `EINVAL` and its like where the file
    /// system can't.
    package func showAsRoot(uid: UInt32, gid: UInt32, recursive: Bool) throws(SystemError) {
        let users = Self.swapped(uid)
        let groups = Self.swapped(gid)
        let namespace = OwnedDescriptor(
            adopting: try check("clone", "user namespace") { linux_user_namespace(users, groups) }
        )
        try check("mount_setattr", "owners") {
            linux_mount_map_owners(descriptor.raw, namespace.raw, recursive ? 1 : 0)
        }
    }

    /// A map of all numbers to themselves, but for one that changes places with 0.
    private static func swapped(_ id: UInt32) -> String {
        let all = UInt32.max
        if id == 0 { return "0 0 \(all)\n" }
        var lines = ["0 \(id) 1", "\(id) 0 1"]
        if id > 1 { lines.append("1 1 \(id - 1)") }
        if id < all - 1 { lines.append("\(id + 1) \(id + 1) \(all - 1 - id)") }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// A detached tree that several may hold; it can be attached once.
package final class SharedTree: Sendable {
    package let tree: MountTree
    package let isDirectory: Bool

    package init(_ tree: consuming MountTree) throws(SystemError) {
        isDirectory = try FileStatus(of: tree.descriptor.raw).kind == .directory
        self.tree = tree
    }
}

/// Mounts that nobody else sees, or somebody else.
package enum PrivateMounts {
    /// A copy of what stands at `path` in another mount namespace, below its root; on a thread of its own that enters it.
    package static func copy(
        of path: PathBytes,
        in namespace: consuming OwnedDescriptor,
        recursive: Bool
    ) throws(SystemError) -> MountTree {
        let space = namespace.release()
        defer { close(space) }
        let copied = try DetachedThread.value(orThrow: .noThread) { () throws(SystemError) in
            try check("setns", "mounts") { linux_enter_mounts(space) }
            let root = try Directory.open("/")
            let found = try root.openInRoot(path, flags: LINUX_O_PATH)
            return try MountTree.copying(of: found, recursive: recursive).takeDescriptor().release()
        }
        return MountTree(adopting: OwnedDescriptor(adopting: copied))
    }

    /// Runs `body` on a thread of its own that has mounts of its own: what it attaches goes away with the thread, and what
    /// it copies (`MountTree.copying`) stays.
    ///
    /// For trees that are put together of others: the kernel makes no copies of a part of a detached tree, before Linux 6.15
    /// of none at all.
    package static func compose<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) throws -> Result {
        try DetachedThread.value(orThrow: SystemError.noThread) {
            try check("unshare", "mounts") { linux_own_mounts() }
            return try body()
        }
    }
}
