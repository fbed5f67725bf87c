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

    private init(listener: consuming OwnedDescriptor, folder: CInt) {
        self.listener = listener
        self.folder = folder
    }

    /// `folder` is borrowed for as long as the socket lives.
    static func make(in folder: borrowing Directory) throws(SystemError) -> ConsoleSocket {
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let listener = OwnedDescriptor(adopting: try check("socket") { socket(AF_UNIX, kind, 0) })
        do { try folder.remove(PathBytes(name)) } catch  where error.errno == .noSuchFileOrDirectory {}
        let text = "/proc/self/fd/\(folder.descriptor.raw)/\(name)"
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
        return ConsoleSocket(listener: listener, folder: folder.descriptor.raw)
    }

    /// Takes the master that the runtime has sent; the runtime has ended, so nothing is waited for.
    func receive() throws(SystemError) -> OwnedDescriptor {
        var entry = pollfd(fd: listener.raw, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 0) == 1 else { throw SystemError("accept", "the console socket", .noChildProcess) }
        let connection = OwnedDescriptor(
            adopting: try check("accept") { accept(listener.raw, nil, nil) }
        )
        var name = [UInt8](repeating: 0, count: 4_096)
        var master: CInt = -1
        let count = name.withUnsafeMutableBytes { linux_receive(connection.raw, $0.baseAddress, $0.count, &master) }
        if count < 0 { throw SystemError("recvmsg", "the console socket", currentErrno()) }
        guard master >= 0 else { throw SystemError("recvmsg", "the console socket", .badMessage) }
        return OwnedDescriptor(adopting: master)
    }
}
