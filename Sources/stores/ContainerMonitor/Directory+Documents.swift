private import CLinuxShims
private import Glibc
package import LinuxSystem
import SystemPackage

extension Directory {
    /// The bytes of a small regular file; `EFBIG` where it has more than `limit`, `EINVAL` for what is no file.
    package func document(_ name: PathBytes, limit: Int = 1 << 20) throws(SystemError) -> [UInt8] {
        // A FIFO must not make the reader wait.
        let file = try open(name, flags: O_RDONLY | O_NONBLOCK)
        guard try FileStatus(of: file.raw).kind == .file else {
            throw SystemError("read", name.description, .invalidArgument)
        }
        return try DescriptorIO.readAll(file.raw, limit: limit)
    }

    /// Writes a small file under a name that nobody uses yet.
    package func addDocument(_ name: PathBytes, _ bytes: [UInt8], mode: UInt32 = 0o600) throws(SystemError) {
        let file = try open(name, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        try FileAttributes.chmod(file.raw, mode)
        try DescriptorIO.write(file.raw, bytes.span)
    }

    /// Writes other bytes into a small file, which stays the same one for those who have it mounted.
    package func overwriteDocument(_ name: PathBytes, _ bytes: [UInt8]) throws(SystemError) {
        let file = try open(name, flags: O_WRONLY | O_TRUNC)
        try DescriptorIO.write(file.raw, bytes.span)
    }

    /// Writes a small file so that readers see the old one or the whole new one, whatever happens meanwhile.
    package func replaceDocument(_ name: PathBytes, _ bytes: [UInt8], mode: UInt32 = 0o600) throws(SystemError) {
        let file = try temporaryFile(mode: mode)
        try DescriptorIO.write(file.descriptor.raw, bytes.span)
        try file.link(as: name, replace: true)
    }

    /// A reference to what a path leads to with this directory as its root, links followed.
    package func referenceInRoot(_ path: PathBytes) throws(SystemError) -> OwnedDescriptor {
        try openInRoot(path, flags: LINUX_O_PATH)
    }
}
