private import CLinuxShims
private import Glibc
package import SystemPackage

/// An open directory.
///
/// Names are relative to it, and no call leaves it.
///
/// A single name goes to the kernel as it is; a path of several steps is resolved by `openat2` with `RESOLVE_BENEATH`
/// and `RESOLVE_NO_MAGICLINKS`, so that neither `..` nor a link leads out (`EXDEV`). The last step is never followed when
/// it is a symbolic link, and may not be `..`. What is done to it is done relative to its parent's descriptor.
package struct Directory: ~Copyable, Sendable {
    package let descriptor: OwnedDescriptor

    /// Takes over a descriptor of a directory, opened for reading or with `O_PATH`.
    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Gives up the descriptor.
    package consuming func relinquish() -> OwnedDescriptor { descriptor }

    /// Opens a directory of the host by its path, following links: the only call that takes a host path.
    ///
    /// With `create`, the directory is made with `mode` where it is missing, and missing parents with 0755.
    package static func open(
        _ path: FilePath,
        create: Bool = false,
        mode: UInt32 = 0o700
    ) throws(SystemError) -> Directory {
        do { return try opened(path) } catch {
            // Most of them are there: who wants one made pays for that only where it is missing.
            guard create else { throw error }
            try make(path, mode: mode)
            return try opened(path)
        }
    }

    private static func opened(_ path: FilePath) throws(SystemError) -> Directory {
        let raw = try check("open", path.string) {
            path.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        return Directory(adopting: OwnedDescriptor(adopting: raw))
    }

    /// Opens the directory of the host that a path's last component is in, which for a name alone is the process's own.
    package static func holding(
        _ path: FilePath,
        create: Bool = false,
        mode: UInt32 = 0o700
    ) throws(SystemError) -> Directory {
        let parent = path.parent
        return try open(parent.isEmpty ? "." : parent, create: create, mode: mode)
    }

    /// Opens a directory of the host; nil where there is none.
    package static func openIfPresent(_ path: FilePath) throws(SystemError) -> Directory? {
        do { return try open(path) } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    private static func make(_ path: FilePath, mode: UInt32) throws(SystemError) {
        do {
            try check("mkdir", path.string) { path.withPlatformString { Glibc.mkdir($0, mode) } }
        } catch {
            switch error.errno {
            case .fileExists: return
            case .noSuchFileOrDirectory:
                let parent = path.parent
                if parent.isEmpty || parent == path { throw error }
                try make(parent, mode: 0o755)
                // Some file systems say this of every name, whether the parent is there or not: once more, and no further.
                try check("mkdir", path.string) { path.withPlatformString { Glibc.mkdir($0, mode) } }
            default: throw error
            }
        }
    }

    // MARK: - Opening

    /// Opens below this directory; `O_CLOEXEC` and `O_NOFOLLOW` are added.
    ///
    /// Mind `O_NONBLOCK` where a FIFO may wait.
    package func open(_ name: PathBytes, flags: CInt, mode: UInt32 = 0) throws(SystemError) -> OwnedDescriptor {
        let all = flags | O_CLOEXEC | O_NOFOLLOW
        let creates = flags & O_CREAT != 0 || flags & linux_o_tmpfile == linux_o_tmpfile
        let raw = try name.withCString("openat") { (text) throws(SystemError) in
            if !name.hasSeparator, name != ".." {
                return try check("openat", name.description) {
                    openat(descriptor.raw, text, all, creates ? mode_t(mode) : 0)
                }
            }
            return try Self.resolve(
                descriptor.raw,
                text,
                flags: all,
                mode: creates ? mode : 0,
                resolve: LINUX_RESOLVE_BENEATH | LINUX_RESOLVE_NO_MAGICLINKS
            )
        }
        return OwnedDescriptor(adopting: raw)
    }

    /// A reference to whatever stands there, a symbolic link or device too, without opening it.
    package func reference(_ name: PathBytes) throws(SystemError) -> OwnedDescriptor {
        try open(name, flags: LINUX_O_PATH)
    }

    /// Opens a directory below; with `create`, makes it with `mode` where it is missing (its parent must be there).
    package func directory(
        _ name: PathBytes,
        create: Bool = false,
        mode: UInt32 = 0o755
    ) throws(SystemError) -> Directory {
        if create {
            do { try makeDirectory(name, mode: mode) } catch  where error.errno == .fileExists {}
        }
        return Directory(adopting: try open(name, flags: O_RDONLY | O_DIRECTORY))
    }

    /// Another handle of this directory, with a reading position of its own.
    package func reopened() throws(SystemError) -> Directory {
        Directory(
            adopting: OwnedDescriptor(
                adopting: try check("openat", ".") {
                    openat(descriptor.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                }
            )
        )
    }

    /// Opens a path as a process sees it whose root is this directory: `/` and absolute links start here, `..` stops here.
    ///
    /// The last step is followed unless `flags` has `O_NOFOLLOW`; `O_CLOEXEC` is added.
    package func openInRoot(
        _ path: PathBytes,
        flags: CInt,
        mode: UInt32 = 0
    ) throws(SystemError) -> OwnedDescriptor {
        let raw = try path.withCString("openat2") { (text) throws(SystemError) in
            try Self.resolve(
                descriptor.raw,
                text,
                flags: flags | O_CLOEXEC,
                mode: flags & O_CREAT != 0 ? mode : 0,
                resolve: LINUX_RESOLVE_IN_ROOT | LINUX_RESOLVE_NO_MAGICLINKS
            )
        }
        return OwnedDescriptor(adopting: raw)
    }

    /// A reference to what a path below this directory leads to, the last step followed too; no link leads out of it (`EXDEV`).
    package func referenceBelow(_ path: PathBytes) throws(SystemError) -> OwnedDescriptor {
        let raw = try path.withCString("openat2") { (text) throws(SystemError) in
            try Self.resolve(
                descriptor.raw,
                text,
                flags: LINUX_O_PATH | O_CLOEXEC,
                mode: 0,
                resolve: LINUX_RESOLVE_BENEATH | LINUX_RESOLVE_NO_MAGICLINKS
            )
        }
        return OwnedDescriptor(adopting: raw)
    }

    /// The kernel gives up with `EAGAIN` where a rename anywhere on the machine crossed a `..`; trying again is the answer.
    private static func resolve(
        _ directory: CInt,
        _ path: UnsafePointer<CChar>,
        flags: CInt,
        mode: UInt32,
        resolve: UInt64
    ) throws(SystemError) -> CInt {
        var attempts = 0
        while true {
            do throws(SystemError) {
                return try check("openat2", String(cString: path)) {
                    linux_openat2(directory, path, UInt64(UInt32(bitPattern: flags)), UInt64(mode), resolve)
                }
            } catch  where error.errno == .resourceTemporarilyUnavailable && attempts < 10_000 {
                attempts += 1
                sched_yield()
            }
        }
    }

    // MARK: - The last step

    /// Calls `body` with the directory that holds the last step of `path`, and that step's name.
    ///
    /// Every changing call goes through here: what the kernel gets is a descriptor and a single name.
    func withLast<Result>(
        _ call: String,
        _ path: PathBytes,
        _ body: (CInt, UnsafePointer<CChar>) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        guard let (parent, name) = path.splitAtLast else {
            if path == ".." { throw SystemError(call, "..", .improperLink) }
            return try path.withCString(call) { (text) throws(SystemError) in try body(descriptor.raw, text) }
        }
        if name == ".." { throw SystemError(call, path.description, .improperLink) }
        let holder = try open(parent, flags: LINUX_O_PATH | O_DIRECTORY)
        return try (name.bytes.isEmpty ? "." : name).withCString(call) { (text) throws(SystemError) in
            try body(holder.raw, text)
        }
    }
}
