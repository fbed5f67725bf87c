internal import CLinuxShims
internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Where an OCI runtime sends the master of a container's terminal: a socket in a folder that only we enter.
struct ConsoleSocket: ~Copyable {
    private let listener: OwnedDescriptor
    private let folder: CInt

    /// What the runtime is told: short however long the folder's path is, since a socket's name has 107 bytes at most.
    var path: String { "/proc/\(getpid())/fd/\(folder)/\(Self.name)" }
    private static let name = "console"

    /// `folder` is borrowed for as long as the socket lives.
    init(in folder: borrowing Directory) throws(SystemError) {
        self.folder = folder.descriptor.raw
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        listener = OwnedDescriptor(adopting: try check("socket") { socket(AF_UNIX, kind, 0) })
        do { try folder.remove(PathBytes(Self.name)) } catch where error.errno == .noSuchFileOrDirectory {}
        let text = "/proc/self/fd/\(self.folder)/\(Self.name)"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { room in
            for (index, byte) in text.utf8.enumerated() where index < room.count - 1 { room[index] = byte }
        }
        try check("bind", text) {
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener.raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        try check("listen") { listen(listener.raw, 1) }
    }

    /// Takes the master that the runtime has sent; the runtime has ended, so nothing is waited for.
    consuming func receive() throws(SystemError) -> OwnedDescriptor {
        var entry = pollfd(fd: listener.raw, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 0) == 1 else { throw SystemError("accept", "the console socket", .noChildProcess) }
        let connection = OwnedDescriptor(
            adopting: try check("accept") { accept4(listener.raw, nil, nil, CInt(SOCK_CLOEXEC.rawValue)) })
        return try Self.descriptor(from: connection.raw)
    }

    /// One message with a name as its bytes and one descriptor beside them.
    private static func descriptor(from connection: CInt) throws(SystemError) -> OwnedDescriptor {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        // The header of a control message is two words and two numbers; its payload is one descriptor.
        let headerSize = MemoryLayout<cmsghdr>.size
        var control = [UInt8](repeating: 0, count: headerSize + 16)
        let count = bytes.withUnsafeMutableBytes { bytes in
            control.withUnsafeMutableBytes { control in
                var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = control.count
                    return recvmsg(connection, &message, CInt(MSG_CMSG_CLOEXEC.rawValue))
                }
            }
        }
        if count < 0 { throw SystemError("recvmsg", nil, currentErrno()) }
        return try control.withUnsafeBytes { (control) throws(SystemError) in
            let header = control.loadUnaligned(as: cmsghdr.self)
            guard header.cmsg_level == SOL_SOCKET, header.cmsg_type == CInt(SCM_RIGHTS.rawValue),
                header.cmsg_len >= headerSize + MemoryLayout<CInt>.size
            else { throw SystemError("recvmsg", "the console socket", .badMessage) }
            return OwnedDescriptor(adopting: control.loadUnaligned(fromByteOffset: headerSize, as: CInt.self))
        }
    }
}
