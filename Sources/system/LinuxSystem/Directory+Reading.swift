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
        try Self.requireFile(file, name)
        return try DescriptorIO.readAll(file.raw, limit: limit)
    }

    private static func requireFile(_ file: borrowing OwnedDescriptor, _ name: PathBytes) throws(SystemError) {
        switch try FileStatus(of: file.raw).kind {
        case .file: return
        case .directory: throw SystemError("read", name.description, .isDirectory)
        default: throw SystemError("read", name.description, .invalidArgument)
        }
    }

    /// The bytes of a file that a container has stored, links followed as inside its root.
    ///
    /// A link may lead to what the kernel makes up, in the container's own `/proc` or `/sys`. There reading with this process's rights
    /// can take something away from the machine, as `/proc/kmsg` does: such a file counts as missing. Otherwise as `readInRoot`.
    package func readStoredInRoot(_ name: PathBytes, limit: Int) throws(SystemError) -> [UInt8] {
        // What was looked at is what is read, whatever a link says by then.
        let place = try openInRoot(name, flags: LINUX_O_PATH)
        if PseudoFileSystem.has(place.raw) { throw SystemError("open", name.description, .noSuchFileOrDirectory) }
        try Self.requireFile(place, name)
        let file = try place.reopenedForReading()
        return try DescriptorIO.readAll(file.raw, limit: limit)
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
