internal import Glibc

/// An address of either version with a port, as the kernel wants it.
struct SocketAddress: Hashable {
    /// `struct sockaddr_in` or `struct sockaddr_in6`.
    private(set) var bytes: [UInt8]

    init(_ address: IPAddress, port: UInt16) {
        switch address {
        case .v4(let address):
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = port.bigEndian
            place.sin_addr.s_addr = address.number.bigEndian
            bytes = withUnsafeBytes(of: place) { Array($0) }
        case .v6(let address):
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            place.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &place.sin6_addr) { $0.copyBytes(from: address.bytes) }
            bytes = withUnsafeBytes(of: place) { Array($0) }
        }
    }

    /// What the kernel wrote.
    init(bytes: [UInt8]) { self.bytes = bytes }

    /// AF_INET or AF_INET6.
    var family: CInt { CInt(bytes.number(at: 0) ?? sa_family_t(AF_UNSPEC)) }

    /// What the kernel says; nil where it has nothing to say.
    static func asked(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) -> SocketAddress? {
        var room = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &room) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &size) }
        }
        return code == 0 ? SocketAddress(bytes: withUnsafeBytes(of: room) { Array($0.prefix(Int(size))) }) : nil
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        // Aligned as the kernel's own room for any address.
        var room = sockaddr_storage()
        withUnsafeMutableBytes(of: &room) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &room) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(bytes.count)) }
        }
    }
}
