private import CLinuxShims
private import Glibc
private import SystemPackage

extension Directory {
    /// Makes a directory with just this mode: the umask of whoever calls is no part of what is made.
    package func makeDirectory(_ name: PathBytes, mode: UInt32 = 0o755) throws(SystemError) {
        try withLast("mkdirat", name) { (directory, text) throws(SystemError) in
            _ = try check("mkdirat", name.description) { mkdirat(directory, text, mode) }
        }
        // A umask cuts what is for others; one that takes from the owner would keep socle from its own files.
        if mode & 0o7077 != 0 { try chmod(name, mode) }
    }

    /// Removes a name, or with `directory` an empty directory.
    package func remove(_ name: PathBytes, directory: Bool = false) throws(SystemError) {
        try withLast("unlinkat", name) { (holder, text) throws(SystemError) in
            _ = try check("unlinkat", name.description) { unlinkat(holder, text, directory ? AT_REMOVEDIR : 0) }
        }
    }

    /// Renames within this directory; without `replace`, an existing target is an error (`EEXIST`).
    package func rename(_ old: PathBytes, to new: PathBytes, replace: Bool = true) throws(SystemError) {
        try rename(old, to: new, in: self, replace: replace)
    }

    /// Moves a name into another directory of the same file system.
    package func rename(
        _ old: PathBytes,
        to new: PathBytes,
        in other: borrowing Directory,
        replace: Bool = true
    ) throws(SystemError) {
        try rename(old, to: new, below: other.descriptor.raw, flags: replace ? 0 : LINUX_RENAME_NOREPLACE)
    }

    /// Swaps what two names stand for, at once.
    package func exchange(_ one: PathBytes, with other: PathBytes) throws(SystemError) {
        try rename(one, to: other, below: descriptor.raw, flags: LINUX_RENAME_EXCHANGE)
    }

    private func rename(_ old: PathBytes, to new: PathBytes, below raw: CInt, flags: CUnsignedInt) throws(SystemError) {
        try withLast("renameat2", old) { (source, from) throws(SystemError) in
            try Self.borrowing(raw) { (other) throws(SystemError) in
                try other.withLast("renameat2", new) { (target, to) throws(SystemError) in
                    _ = try check("renameat2", old.description) { linux_renameat2(source, from, target, to, flags) }
                }
            }
        }
    }

    /// Gives a file another name, in this directory.
    package func link(_ name: PathBytes, as new: PathBytes) throws(SystemError) {
        try link(name, as: new, in: self)
    }

    /// Gives a file another name, in another directory of the same file system.
    ///
    /// A symbolic link is linked itself.
    package func link(_ name: PathBytes, as new: PathBytes, in other: borrowing Directory) throws(SystemError) {
        try withLast("linkat", name) { (source, from) throws(SystemError) in
            try Self.borrowing(other.descriptor.raw) { (other) throws(SystemError) in
                try other.withLast("linkat", new) { (target, to) throws(SystemError) in
                    _ = try check("linkat", new.description) { linkat(source, from, target, to, 0) }
                }
            }
        }
    }

    /// Gives an open file, one without a name too (`O_TMPFILE`), a name here; `EEXIST` where the name is taken.
    package func link(descriptor file: CInt, as name: PathBytes) throws(SystemError) {
        try withLast("linkat", name) { (directory, text) throws(SystemError) in
            if linkat(file, "", directory, text, LINUX_AT_EMPTY_PATH) == 0 { return }
            if currentErrno() == .fileExists { throw SystemError("linkat", name.description, .fileExists) }
            // Without CAP_DAC_READ_SEARCH the empty path is refused; /proc's link says the same for one's own files.
            _ = try check("linkat", name.description) {
                linkat(AT_FDCWD, "/proc/self/fd/\(file)", directory, text, AT_SYMLINK_FOLLOW)
            }
        }
    }

    /// Makes a symbolic link that holds `target` as it is.
    package func symlink(to target: PathBytes, as name: PathBytes) throws(SystemError) {
        try withLast("symlinkat", name) { (directory, text) throws(SystemError) in
            try target.withCString("symlinkat") { (target) throws(SystemError) in
                _ = try check("symlinkat", name.description) { symlinkat(target, directory, text) }
            }
        }
    }

    /// Makes a device, FIFO, socket or empty file; `mode` has the type bits and is cut by the umask.
    package func makeNode(
        _ name: PathBytes,
        mode: UInt32,
        device: FileStatus.Device = FileStatus.Device(major: 0, minor: 0)
    ) throws(SystemError) {
        try withLast("mknodat", name) { (directory, text) throws(SystemError) in
            _ = try check("mknodat", name.description) {
                mknodat(directory, text, mode, dev_t(linux_device(device.major, device.minor)))
            }
        }
    }

    // MARK: - Attributes

    /// Sets permission bits; a symbolic link has none (`EOPNOTSUPP`).
    package func chmod(_ name: PathBytes, _ mode: UInt32) throws(SystemError) {
        try withLast("fchmodat", name) { (directory, text) throws(SystemError) in
            _ = try check("fchmodat", name.description) { linux_fchmodat(directory, text, mode) }
        }
    }

    /// Sets the owner, of a symbolic link itself too.
    ///
    /// It clears setuid bits: permissions come after.
    package func chown(_ name: PathBytes, uid: UInt32, gid: UInt32) throws(SystemError) {
        try withLast("fchownat", name) { (directory, text) throws(SystemError) in
            _ = try check("fchownat", name.description) { fchownat(directory, text, uid, gid, AT_SYMLINK_NOFOLLOW) }
        }
    }

    /// Sets times, of a symbolic link itself too; nil leaves a time as it is.
    package func setTimes(_ name: PathBytes, accessed: FileTime?, modified: FileTime?) throws(SystemError) {
        try withLast("utimensat", name) { (directory, text) throws(SystemError) in
            let times = FileAttributes.times(accessed: accessed, modified: modified)
            _ = try check("utimensat", name.description) {
                times.withUnsafeBufferPointer { utimensat(directory, text, $0.baseAddress, AT_SYMLINK_NOFOLLOW) }
            }
        }
    }

    /// Makes what was made, renamed and removed here outlive a loss of power.
    package func sync() throws(SystemError) {
        try check("fsync") { fsync(descriptor.raw) }
    }

    /// Makes everything on this directory's file system outlive a loss of power.
    package func syncFileSystem() throws(SystemError) {
        try check("syncfs") { linux_syncfs(descriptor.raw) }
    }

    /// Looks at somebody else's descriptor as a directory for the length of `body`.
    static func borrowing<Result>(
        _ raw: CInt,
        _ body: (borrowing Directory) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let view = Directory(adopting: OwnedDescriptor(adopting: raw))
        let result: Swift.Result<Result, SystemError>
        do throws(SystemError) { result = .success(try body(view)) } catch { result = .failure(error) }
        view.forget()
        return try result.get()
    }

    private consuming func forget() { _ = descriptor.release() }
}
