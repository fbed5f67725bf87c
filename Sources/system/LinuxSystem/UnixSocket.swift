private import Glibc
package import SystemPackage

/// Stream sockets that are files.
package enum UnixSocket {
    /// A socket that listens under a new name of a directory. However long the directory's path is, it fits.
    package static func listen(as name: PathBytes, in directory: borrowing Directory) throws(SystemError)
        -> OwnedDescriptor
    {
        let socket = try make()
        let raw = socket.raw
        try withAddress("/proc/self/fd/\(directory.descriptor.raw)/\(name)") { address, size in bind(raw, address, size)
        }
        try check("listen", name.description) { Glibc.listen(raw, 64) }
        return socket
    }

    /// Takes one connection.
    package static func accept(_ listener: CInt) throws(SystemError) -> OwnedDescriptor {
        let client = OwnedDescriptor(adopting: try check("accept") { Glibc.accept(listener, nil, nil) })
        try check("fcntl") { fcntl(client.raw, F_SETFD, FD_CLOEXEC) }
        return client
    }

    /// A connection to whoever listens at a path of the host's.
    package static func connect(to path: FilePath) throws(SystemError) -> OwnedDescriptor {
        let file = try HostPath.reference(path)
        let socket = try make()
        let raw = socket.raw
        do {
            try withAddress("/proc/self/fd/\(file.raw)") { address, size in Glibc.connect(raw, address, size) }
        } catch {
            throw SystemError("connect", path.string, error.errno)
        }
        return socket
    }

    /// The process at the other end, as it was when it began to listen or connected; nil where the kernel doesn't tell.
    package static func peer(_ socket: CInt) -> Int32? {
        // struct ucred: process, user, group.
        var answer: (Int32, UInt32, UInt32) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: answer))
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &answer, &size) == 0, answer.0 > 0 else { return nil }
        return answer.0
    }

    /// Tells the other end that nothing more will come.
    package static func endSending(_ socket: CInt) throws(SystemError) {
        try check("shutdown") { shutdown(socket, CInt(SHUT_WR)) }
    }

    private static func make() throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(
            adopting: try check("socket") {
                socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            }
        )
    }

    private static func withAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws(SystemError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room else { throw SystemError("bind", path, .fileNameTooLong) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        try check("bind", path) {
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
            }
        }
    }
}
