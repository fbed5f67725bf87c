private import CLinuxShims
private import Glibc
private import SystemPackage

/// Which namespaces a user's processes share, as one of them wrote it down.
///
/// Nothing is believed that the kernel doesn't say too: a namespace is found through a process that is in it.
struct UserSpaceRecord {
    /// `user:[4026532000]`, as /proc names them.
    var user: String
    var mounts: String
    /// A process that was in them.
    var process: Int32
    /// The mounts that they were made from.
    var origin: String
    /// The numbers that are mapped.
    var maps: String

    private static let name: PathBytes = "namespace"

    /// Of a process that is in them now; `kept` is the one that will be.
    init?(of process: Int32, keptBy kept: Int32, origin: String, maps: String) {
        guard let user = UserSpace.link("/proc/\(process)/ns/user"), let mounts = UserSpace.link("/proc/\(process)/ns/mnt")
        else { return nil }
        self.user = user
        self.mounts = mounts
        self.process = kept
        self.origin = origin
        self.maps = maps
    }

    /// The last one written; nil where there is none that can be read.
    init?(in folder: borrowing Directory) {
        guard let bytes = try? folder.readInRoot(Self.name, limit: 65_536) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count == 5, let process = Int32(lines[2]) else { return nil }
        (user, mounts, self.process, origin, maps) = (lines[0], lines[1], process, lines[3], lines[4])
    }

    func write(to folder: borrowing Directory) throws(SystemError) {
        let new: PathBytes = "namespace.new"
        let text = [user, mounts, "\(process)", origin, maps].map { $0 + "\n" }.joined()
        do {
            let file = try folder.open(new, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            try DescriptorIO.write(file.raw, Array(text.utf8).span)
        }
        try folder.rename(new, to: Self.name)
    }

    /// Opens both through a process that is in them; nil where nobody is.
    func open(owner: UInt32) -> (user: CInt, mounts: CInt)? {
        if let found = open(owner: owner, through: process) { return found }
        guard let entries = try? Directory.open("/proc").entries() else { return nil }
        for entry in entries {
            guard let number = Int32(entry.name.description) else { continue }
            if let found = open(owner: owner, through: number) { return found }
        }
        return nil
    }

    func open(owner: UInt32, through process: Int32) -> (user: CInt, mounts: CInt)? {
        guard UserSpace.link("/proc/\(process)/ns/user") == user, UserSpace.link("/proc/\(process)/ns/mnt") == mounts else {
            return nil
        }
        let user = Glibc.open("/proc/\(process)/ns/user", O_RDONLY | O_CLOEXEC)
        let mounts = Glibc.open("/proc/\(process)/ns/mnt", O_RDONLY | O_CLOEXEC)
        // The process may have gone in between, and another may have its number.
        var maker: CUnsignedInt = 0
        if user >= 0, mounts >= 0, linux_namespace_owner(user, &maker) == 0, maker == owner, names(user, mounts) {
            return (user, mounts)
        }
        if user >= 0 { close(user) }
        if mounts >= 0 { close(mounts) }
        return nil
    }

    private func names(_ user: CInt, _ mounts: CInt) -> Bool {
        UserSpace.link("/proc/self/fd/\(user)") == self.user && UserSpace.link("/proc/self/fd/\(mounts)") == self.mounts
    }
}
