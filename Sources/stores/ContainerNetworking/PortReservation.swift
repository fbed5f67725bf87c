private import Glibc
internal import LinuxSystem
private import SystemPackage

/// A port of the host's that nobody else gets while this is held.
///
/// Packets for addresses of version 4 never arrive at it: the packet rules lead them away. It is there so that a second
/// program is told that the port is taken, and so that we are where one is there already. At those of version 6 a
/// `PortRelay` takes what arrives.
package final class PortReservation: Sendable {
    package let binding: PortBinding
    private let socket: OwnedDescriptor?

    init(_ binding: PortBinding, _ socket: consuming OwnedDescriptor?) {
        self.binding = binding
        self.socket = socket
    }

    /// By which another process can hold the port; nil where nothing needs to be held.
    package var descriptor: CInt? {
        switch socket {
        case .some(let socket): socket.raw
        case .none: nil
        }
    }

    /// nil where somebody has the port.
    package static func take(_ binding: PortBinding) throws(NetworkError) -> PortReservation? {
        guard let address = IPAddress(binding.hostAddress) else {
            throw NetworkError(.answer("\(binding.hostAddress) is no address"))
        }
        // Few kernels have SCTP; nobody listens where it is missing.
        guard binding.container.protocol != .sctp else {
            return PortReservation(binding, nil)
        }
        let isTCP = binding.container.protocol == .tcp
        let type = CInt(isTCP ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let place = SocketAddress(address, port: binding.hostPort)
        let raw = try network { () throws(SystemError) in
            try check("socket", binding.host) { Glibc.socket(place.family, type, 0) }
        }
        let socket = OwnedDescriptor(adopting: raw)
        // What a connection of yesterday left doesn't matter; who listens does.
        if isTCP { turnOn(SO_REUSEADDR, SOL_SOCKET, raw) }
        // The addresses of version 4 are another binding's.
        if place.family == AF_INET6 { turnOn(onlyVersion6, CInt(IPPROTO_IPV6), raw) }
        let isBound = place.withPointer { Glibc.bind(raw, $0, $1) }
        let code = Glibc.errno
        let isFree = isBound == 0 && (!isTCP || listens(raw, for: binding))
        if !isFree {
            let code = isBound == 0 ? Glibc.errno : code
            if code == EADDRINUSE { return nil }
            throw NetworkError(.system(SystemError("bind", binding.host, Errno(rawValue: code))))
        }
        return PortReservation(binding, socket)
    }

    /// Whether this machine speaks version 6 at all: whether its loopback address is there.
    package static func hostSpeaksIPv6() -> Bool {
        let raw = Glibc.socket(AF_INET6, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        if raw < 0 { return false }
        defer { close(raw) }
        return SocketAddress(.v6(.loopback), port: 0).withPointer { Glibc.bind(raw, $0, $1) } == 0
    }

    /// Whether a socket of TCP listens from now on.
    static func listens(_ socket: CInt, for binding: PortBinding) -> Bool {
        listen(socket, binding.isIPv6 ? backlog : 1) == 0
    }

    /// How many connections may wait for the relay.
    private static let backlog: CInt = 128
    /// IPV6_V6ONLY, which Swift's Glibc module leaves out.
    private static let onlyVersion6: CInt = 26

    private static func turnOn(_ option: CInt, _ level: CInt, _ socket: CInt) {
        var yes: CInt = 1
        setsockopt(socket, level, option, &yes, socklen_t(MemoryLayout<CInt>.size))
    }
}
