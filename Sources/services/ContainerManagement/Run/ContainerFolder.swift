import ContainerMonitor
import LinuxSystem
import Reporting
import SystemPackage

/// The folder of a container, as `create` makes it: what the container writes, and its own three files.
enum ContainerFolder {
    static let upper = "upper"
    static let work = "work"

    /// Makes everything below `containers/<id>`. The upper directory looks like the image's root, since it is what `/`
    /// shows of itself.
    static func make(
        _ id: String,
        in containers: borrowing Directory,
        files: NetworkFiles,
        lowers: [FilePath]
    ) throws(SystemError) {
        try containers.makeDirectory(PathBytes(id), mode: 0o710)
        let folder = try containers.directory(PathBytes(id))
        try folder.makeDirectory(PathBytes(work), mode: 0o700)
        try folder.makeDirectory(PathBytes(upper), mode: 0o755)
        if let top = lowers.first { try imitate(try Directory.open(top).status(), upper, folder) }
        try files.write(to: folder)
    }

    private static func imitate(
        _ status: FileStatus,
        _ name: String,
        _ folder: borrowing Directory
    ) throws(SystemError) {
        let own = PathBytes(name)
        if status.uid != 0 || status.gid != 0 { try folder.chown(own, uid: status.uid, gid: status.gid) }
        try folder.chmod(own, status.permissions)
        try folder.setTimes(own, accessed: nil, modified: status.modified)
    }
}

/// What a container finds below `/` although the image lacks it, and what no link of an image can lead away: Docker's
/// init layer, a lower directory between the image and what the container writes.
enum InitLayer {
    private static let directories = ["dev", "dev/pts", "dev/shm", "etc", "proc", "sys"]
    private static let files = ["dev/console", ".dockerenv", "etc/hostname", "etc/hosts", "etc/resolv.conf"]

    /// The layer's place, made at its first use. There is one for each mode and owner of `/etc` in images.
    static func path(in containers: borrowing Directory, at folder: FilePath, etc: FileStatus?) throws(SystemError)
        -> FilePath
    {
        let permissions = etc?.permissions ?? 0o755
        let name = "init-\(String(permissions, radix: 8))-\(etc?.uid ?? 0)-\(etc?.gid ?? 0)"
        if try containers.status(PathBytes(name)) == nil { try make(name, permissions, etc, in: containers) }
        return folder.appending(name)
    }

    /// Under another name first: a reader never sees half of it.
    private static func make(
        _ name: String,
        _ permissions: UInt32,
        _ etc: FileStatus?,
        in containers: borrowing Directory
    ) throws(SystemError) {
        let draft = PathBytes.unique(prefix: ".init-")
        try containers.makeDirectory(draft, mode: 0o755)
        do {
            let layer = try containers.directory(draft)
            try layer.chmod(".", 0o755)
            for directory in directories {
                try layer.makeDirectory(PathBytes(directory), mode: 0o755)
                try layer.chmod(PathBytes(directory), directory == "etc" ? permissions : 0o755)
            }
            for file in files { try layer.addDocument(PathBytes(file), [], mode: 0o755) }
            try layer.symlink(to: "/proc/mounts", as: "etc/mtab")
            if let etc { try layer.chown("etc", uid: etc.uid, gid: etc.gid) }
            try layer.chmod("etc", permissions)
            try containers.rename(draft, to: PathBytes(name), replace: false)
        } catch {
            try containers.removeTree(draft)
            // Another process was first.
            if error.errno != .fileExists { throw error }
        }
    }
}
