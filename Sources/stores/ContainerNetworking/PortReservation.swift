private import Glibc
private import LinuxSystem
private import SystemPackage

/// A port of the host's that nobody else gets while this is held.
///
/// Packets never arrive at it: the packet rules lead them away. It is there so that a second program is told that the port is
/// taken, and so that we are where one is there already.
package final class PortReservation: Sendable {
    private let socket: OwnedDescriptor?

    private init(_ socket: consuming OwnedDescriptor?) { self.socket = socket }

    /// By which another process can hold the port; nil where nothing needs to be held.
    package var descriptor: CInt? {
        switch socket {
        case .some(let socket): socket.raw
        case .none: nil
        }
    }

    /// nil where somebody has the port.
    package static func take(_ binding: PortBinding) throws(NetworkError) -> PortReservation? {
        guard let address = IPv4Address(binding.hostAddress) else {
            throw NetworkError(.answer("\(binding.hostAddress) is no address"))
        }
        // Few kernels have SCTP; nobody listens where it is missing.
        guard binding.container.protocol != .sctp else {
            return PortReservation(nil)
        }
        let isTCP = binding.container.protocol == .tcp
        let type = CInt(isTCP ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let raw = try network { () throws(SystemError) in try check("socket") { Glibc.socket(AF_INET, type, 0) } }
        let socket = OwnedDescriptor(adopting: raw)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = binding.hostPort.bigEndian
        place.sin_addr.s_addr = address.number.bigEndian
        // What a connection of yesterday left doesn't matter; who listens does.
        var yes: CInt = 1
        if isTCP { setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size)) }
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafePointer(to: place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(raw, $0, size) }
        }
        let code = Glibc.errno
        let isFree = isBound == 0 && (!isTCP || listen(raw, 1) == 0)
        if !isFree {
            let code = isBound == 0 ? Glibc.errno : code
            if code == EADDRINUSE { return nil }
            throw NetworkError(
                .system(SystemError("bind", "\(binding.hostAddress):\(binding.hostPort)", Errno(rawValue: code)))
            )
        }
        return PortReservation(socket)
    }
}
