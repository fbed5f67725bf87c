internal import LinuxSystem
internal import SystemPackage

/// A place in the file system of another container: `/proc/<pid>/root/<path>`.
///
/// The kernel copies mounts of one's own mount namespace only, so it is copied from within the other's. Links on the way are
/// followed below that one's root, whatever they say.
struct ForeignPath: Sendable, Hashable {
    var process: Int32
    var path: String

    init?(_ source: FilePath) {
        let names = source.components.map(\.string)
        guard source.isAbsolute, names.count > 3, names[0] == "proc", names[2] == "root",
            let process = Int32(names[1]), process > 0
        else { return nil }
        self.process = process
        path = names[3...].joined(separator: "/")
    }

    func copy(recursive: Bool) throws(SystemError) -> MountTree {
        let space = try NamespaceKind.mount.open(FilePath("/proc/\(process)/ns/mnt"))
        return try PrivateMounts.copy(of: PathBytes(path), in: space, recursive: recursive)
    }
}
