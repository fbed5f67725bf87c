private import CLinuxShims
private import Glibc
private import Reporting
private import SystemPackage

/// A user namespace, and mounts of its own, that all of an ordinary user's processes share.
///
/// In it he is root, over nothing but his own files and the numbers that were lent to him. Nobody stays behind to keep it:
/// it lives as long as some command, monitor or container is in it, and the next command joins those. The file
/// `namespace` in the runtime folder says which it is; the kernel has the last word.
package struct UserSpace: ~Copyable {
    private let uid = geteuid()
    private let gid = getegid()
    private let folder: Directory
    private let users: IDMap
    private let groups: IDMap
    /// The mounts that this process came with: what is mounted later elsewhere isn't seen from a copy of others.
    private let origin: String

    /// Moves the process into the user's space, which is made if nobody is in it. Root stays where it is.
    ///
    /// The process must not have started a thread yet.
    package static func enter(environment: (String) -> String?) throws(RootlessError) {
        if geteuid() == 0 { return }
        let directory = getcwd(nil, 0)
        defer { free(directory) }
        let space = try UserSpace(environment)
        if try !space.joinExisting() { try space.joinNew() }
        // Joining mounts leads to their root.
        if let directory, chdir(directory) < 0 {
            throw RootlessError(
                SystemError("chdir", String(cString: directory), currentErrno()),
                "entering the user namespace"
            )
        }
    }

    private init(_ environment: (String) -> String?) throws(RootlessError) {
        let uid = geteuid()
        folder = try RuntimeFolder.open(uid: uid, environment: environment)
        origin = Self.link("/proc/self/ns/mnt") ?? ""
        let name = Self.name(of: uid) ?? environment("USER")
        func lent(_ path: String) -> [SubordinateRange] {
            SubordinateRange.all(in: Self.text(path) ?? "", uid: uid, name: name)
        }
        let (users, groups) = (lent("/etc/subuid"), lent("/etc/subgid"))
        // One without the other gives files owners that nobody could set.
        let hasOne = users.isEmpty || groups.isEmpty || environment("SOCLE_ONE_ID").map { !$0.isEmpty } == true
        self.users = IDMap(own: uid, lent: hasOne ? [] : users)
        self.groups = IDMap(own: getegid(), lent: hasOne ? [] : groups)
    }

    // MARK: - Joining

    private func joinExisting() throws(RootlessError) -> Bool {
        guard let record = UserSpaceRecord(in: folder), record.origin == origin, record.maps == maps,
            let (user, mounts) = record.open(owner: uid)
        else { return false }
        defer {
            close(user)
            close(mounts)
        }
        return try join(user, mounts)
    }

    private func join(_ user: CInt, _ mounts: CInt) throws(RootlessError) -> Bool {
        if linux_join_user_space(user, mounts) == 0 { return true }
        throw UserSpaceObstacle.refused(SystemError("setns", nil, currentErrno()))
    }

    /// Of several commands that want one at the same time, one makes it.
    private func joinNew() throws(RootlessError) {
        let lock = try lock()
        defer { _ = lock.descriptor.raw }
        if try joinExisting() { return }
        let holder = linux_hold_user_space()
        if holder < 0 { throw UserSpaceObstacle.refused(SystemError("clone", nil, currentErrno())) }
        // From here on this process is in it.
        defer { linux_end_holder(holder) }
        try map(holder)
        let record = UserSpaceRecord(of: holder, keptBy: getpid(), origin: origin, maps: maps)
        guard let record, let (user, mounts) = record.open(owner: uid, through: holder) else {
            throw RootlessError(.internal, "the new user namespace can't be found in /proc")
        }
        defer {
            close(user)
            close(mounts)
        }
        do { try record.write(to: folder) } catch { throw RootlessError(error, "writing down the user namespace") }
        _ = try join(user, mounts)
    }

    private func lock() throws(RootlessError) -> FileLock {
        do throws(SystemError) { return try folder.lock("namespace.lock", .exclusive) } catch {
            throw RootlessError(error, "waiting for the user namespace")
        }
    }

    private func map(_ holder: Int32) throws(RootlessError) {
        if users.count == 1 {
            if linux_map_own_ids(holder, uid, gid) == 0 { return }
            throw UserSpaceObstacle.refused(SystemError("write", "uid_map", currentErrno()))
        }
        try MapProgram.map(users, groups, of: holder)
    }

    private var maps: String { (users.words + ["/"] + groups.words).joined(separator: " ") }

    // MARK: - The machine

    static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = buffer.withUnsafeMutableBufferPointer { bytes in
            bytes.baseAddress.map { start in
                start.withMemoryRebound(to: CChar.self, capacity: bytes.count) { readlink(path, $0, bytes.count) }
            } ?? -1
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    static func text(_ path: String) -> String? {
        let raw = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if raw < 0 { return nil }
        let file = OwnedDescriptor(adopting: raw)
        return (try? DescriptorIO.readAll(file.raw, limit: 16 << 20)).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func name(of uid: UInt32) -> String? {
        let lines = text("/etc/passwd")?.split(whereSeparator: \.isNewline) ?? []
        for line in lines {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count >= 3, fields[2] == "\(uid)" { return String(fields[0]) }
        }
        return nil
    }
}
