private import Glibc
internal import LinuxSystem
private import SystemPackage

/// The ports of the host's that another process holds for its container.
///
/// The sockets stay that process'. Whoever may look into it has one of TCP no longer listen, so that who comes is refused
/// and others can have the port, and has it listen again. One of UDP stays taken.
package struct HeldPorts: Sendable, Hashable {
    private let holder: Int32

    /// - Parameter process: the container's first process, whose parent has the ports.
    package init(ofParentOf process: Int32) {
        let text = (try? Directory.open(FilePath("/proc/\(process)")).readInRoot("stat", limit: 4_096)) ?? []
        // The name, which may hold anything, ends at the last bracket; then come the state and the parent.
        let fields = text[(text.lastIndex(of: UInt8(ascii: ")")) ?? text.startIndex)...].split(separator: 32)
        holder = fields.count > 2 ? Int32(String(decoding: fields[2], as: UTF8.self)) ?? 0 : 0
    }

    /// Has nobody listen at ports that lead nowhere.
    package func release(_ bindings: [PortBinding]) {
        for binding in bindings where binding.container.protocol == .tcp {
            // One that doesn't listen would keep what it was told, and hand it to every connection that it takes later.
            if let socket = socket(of: binding), NonBlocking.listens(socket.raw) { shutdown(socket.raw, CInt(SHUT_RDWR)) }
        }
    }

    /// Has a port held again that may have been released; nil where somebody else has it by now.
    package func hold(_ binding: PortBinding) -> PortReservation? {
        // One that can't be reached was never released.
        if binding.container.protocol == .tcp, let socket = socket(of: binding),
            !PortReservation.listens(socket.raw, for: binding)
        {
            return nil
        }
        return PortReservation(binding, nil)
    }

    private func socket(of binding: PortBinding) -> OwnedDescriptor? {
        guard holder > 1, let address = IPAddress(binding.hostAddress), let process = try? ProcessDescriptor.open(holder),
            let entries = try? Directory.open(FilePath("/proc/\(holder)/fd")).entries()
        else { return nil }
        let place = SocketAddress(address, port: binding.hostPort)
        for entry in entries {
            guard let number = CInt(String(decoding: entry.name.bytes, as: UTF8.self)),
                let socket = try? ProcessDescriptor.take(number, of: process.raw)
            else { continue }
            // A connection that was accepted there has the same address, and a peer.
            let raw = socket.raw
            guard SocketAddress.asked({ getsockname(raw, $0, $1) }) == place,
                SocketAddress.asked({ getpeername(raw, $0, $1) }) == nil, Self.isStream(raw)
            else { continue }
            return socket
        }
        return nil
    }

    private static func isStream(_ socket: CInt) -> Bool {
        var type: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == CInt(SOCK_STREAM.rawValue)
    }
}
