private import CLinuxShims
private import Glibc
private import SystemPackage

extension Directory {
    /// Opens a file below for reading. A FIFO or device that would keep the caller waiting doesn't.
    package func openForReading(_ name: PathBytes) throws(SystemError) -> OwnedDescriptor {
        try open(name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
    }
}

extension Directory {
    /// The bytes of a regular file below, links followed as inside a root; `EFBIG` beyond `limit`, `EINVAL` for what is no
    /// file.
    package func readInRoot(_ name: PathBytes, limit: Int) throws(SystemError) -> [UInt8] {
        let file = try openInRoot(name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
        let kind = try FileStatus(of: file.raw).kind
        if kind == .directory { throw SystemError("read", name.description, .isDirectory) }
        guard kind == .file else { throw SystemError("read", name.description, .invalidArgument) }
        return try DescriptorIO.readAll(file.raw, limit: limit)
    }

    /// The bytes of a file that a container has stored, links followed as inside its root.
    ///
    /// A link may lead to what the kernel makes up, in the container's own `/proc` or `/sys`. There reading with this process's rights
    /// can take something away from the machine, as `/proc/kmsg` does: such a file counts as missing. Otherwise as `readInRoot`.
    package func readStoredInRoot(_ name: PathBytes, limit: Int) throws(SystemError) -> [UInt8] {
        let file = try openInRoot(name, flags: LINUX_O_PATH)
        if PseudoFileSystem.has(file.raw) { throw SystemError("open", name.description, .noSuchFileOrDirectory) }
        return try readInRoot(name, limit: limit)
    }

    /// A file that must not be there yet, for writing; its mode is what the process's mask leaves of `mode`.
    package func create(_ name: PathBytes, mode: UInt32) throws(SystemError) -> OwnedDescriptor {
        try open(name, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
    }

    /// A file that is written to at its end only, made where it is missing. A FIFO without a reader is refused.
    package func openLog(_ name: PathBytes) throws(SystemError) -> OwnedDescriptor {
        try open(name, flags: O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, mode: 0o644)
    }
}
