private import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Asks the kernel whether a table of packet rules is there.
///
/// Loading the library that makes rules takes as long as a whole container; most of them need no new rules.
enum TableProbe {
    static func isThere(_ name: String) throws(NetworkError) -> Bool {
        var socket = RoutingSocket(adopting: try RoutingSocket.open(12 /* NETLINK_NETFILTER */))
        do throws(NetworkError) { return try !socket.ask(question(name), name).isEmpty } catch {
            if case .system(let system) = error.reason, system.errno == .noSuchFileOrDirectory { return false }
            throw error
        }
    }

    /// `NFT_MSG_GETTABLE` of the family `inet`.
    static func question(_ name: String) -> NetlinkMessage {
        var message = NetlinkMessage(.getTable, [])
        // struct nfgenmsg: family, version, resource
        for byte in [1, 0, 0, 0] as [UInt8] { message.append(byte) }
        message.attribute(1, text: name)
        return message
    }
}

extension NetlinkMessage.Kind {
    /// nftables' subsystem, and its second message.
    fileprivate static let getTable = NetlinkMessage.Kind(number: 10 << 8 | 1)
}
