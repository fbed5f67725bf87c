/// The messages that make a link, as pure values.
enum LinkMessages {
    private static let anyFamily: UInt8 = 0
    private static let ipv4: UInt8 = 2
    private static let isUp: UInt32 = 1

    /// `struct ifinfomsg`
    static func link(_ message: inout NetlinkMessage, index: UInt32 = 0, flags: UInt32 = 0) {
        message.append(anyFamily)
        message.append(0)
        message.append(number: UInt16(0))
        message.append(number: index)
        message.append(number: flags)
        message.append(number: flags)
    }

    /// A pair of cards, both down: `plan.hostName` here, the other one in the namespace that `descriptor` is open at.
    static func makePair(_ plan: LinkPlan, container descriptor: CInt) -> NetlinkMessage {
        var message = NetlinkMessage(.newLink, [.create, .exclusive])
        link(&message)
        message.attribute(3, text: plan.hostName)
        message.attribute(4, number: plan.mtu)
        message.attribute(18) { information in
            information.attribute(1, Array("veth".utf8))
            information.attribute(2) { data in
                data.attribute(1) { peer in
                    // A card that is up before it is in its namespace is refused (ENOTCONN).
                    link(&peer)
                    peer.attribute(3, text: LinkPlan.containerName)
                    peer.attribute(4, number: plan.mtu)
                    peer.attribute(28, number: UInt32(bitPattern: descriptor))
                }
            }
        }
        return message
    }

    static func bringUp(_ index: UInt32) -> NetlinkMessage {
        var message = NetlinkMessage(.newLink, [])
        link(&message, index: index, flags: isUp)
        return message
    }

    static func find(_ name: String) -> NetlinkMessage {
        var message = NetlinkMessage(.getLink, [])
        link(&message)
        message.attribute(3, text: name)
        return message
    }

    static func find(index: UInt32) -> NetlinkMessage {
        var message = NetlinkMessage(.getLink, [])
        link(&message, index: index)
        return message
    }

    /// All cards.
    static var links: NetlinkMessage {
        var message = NetlinkMessage(.getLink, .dump)
        link(&message)
        return message
    }

    /// Gives a card an address; the subnet becomes a route.
    static func add(_ address: IPv4Address, prefix: UInt8, to index: UInt32) -> NetlinkMessage {
        add(address.bytes, of: ipv4, flags: 0, prefix: prefix, to: index)
    }

    /// The same for an address of a family's, in the network's order of bytes.
    static func add(_ address: [UInt8], of family: UInt8, flags: UInt8, prefix: UInt8, to index: UInt32) -> NetlinkMessage {
        var message = NetlinkMessage(.newAddress, [.create, .exclusive])
        // struct ifaddrmsg: family, prefix, flags, scope, index
        for byte in [family, prefix, flags, 0] { message.append(byte) }
        message.append(number: index)
        message.attribute(2, address)
        message.attribute(1, address)
        return message
    }

    /// The way to everywhere.
    static func addDefaultRoute(through gateway: IPv4Address, on index: UInt32) -> NetlinkMessage {
        addDefaultRoute(through: gateway.bytes, of: ipv4, on: index)
    }

    /// The same through an address of a family's, in the network's order of bytes.
    static func addDefaultRoute(through gateway: [UInt8], of family: UInt8, on index: UInt32) -> NetlinkMessage {
        var message = NetlinkMessage(.newRoute, [.create, .exclusive])
        // struct rtmsg: family, lengths of destination and source, tos; table main, protocol boot, scope, unicast; flags
        for byte in [family, 0, 0, 0, 254, 3, 0, 1] as [UInt8] { message.append(byte) }
        message.append(number: UInt32(0))
        message.attribute(5, gateway)
        message.attribute(4, number: index)
        return message
    }

    /// All routes of version 4.
    static var routes: NetlinkMessage { routes(of: ipv4) }

    static func routes(of family: UInt8) -> NetlinkMessage {
        var message = NetlinkMessage(.getRoute, .dump)
        for byte in [family, 0, 0, 0, 0, 0, 0, 0] as [UInt8] { message.append(byte) }
        message.append(number: UInt32(0))
        return message
    }
}

/// Where the host sends packets.
struct RouteTable: Hashable {
    /// Destinations other than everywhere.
    var subnets: [IPv4Subnet] = []
    /// The card of the way to everywhere.
    var defaultLink: UInt32?

    init(_ answers: [NetlinkAnswer]) {
        for answer in answers where answer.kind == NetlinkMessage.Kind.newRoute.number && answer.body.count >= 12 {
            let attributes = answer.attributes(after: 12)
            // Addresses of the machine itself are in the table "local"; their subnets are routes as well.
            let table: UInt32 = attributes[15]?.number(at: 0) ?? UInt32(answer.body[4])
            if table == 255 { continue }
            if let bytes = attributes[1], bytes.count == 4 {
                let address = IPv4Address(bytes[0], bytes[1], bytes[2], bytes[3])
                subnets.append(IPv4Subnet(address, prefix: answer.body[1]))
            } else if answer.body[1] == 0, defaultLink == nil {
                defaultLink = attributes[4]?.number(at: 0)
            }
        }
    }
}

/// A card as the kernel describes it.
struct LinkDescription: Hashable {
    var index: UInt32
    var name: String
    var mtu: UInt32?
    /// Its second name.
    var alias: String
    /// Whether it is up.
    var isUp: Bool

    /// nil for an answer about something else.
    init?(_ answer: NetlinkAnswer) {
        guard answer.kind == NetlinkMessage.Kind.newLink.number, let index: UInt32 = answer.body.number(at: 4) else {
            return nil
        }
        let attributes = answer.attributes(after: 16)
        self.index = index
        name = String(decoding: (attributes[3] ?? []).prefix { $0 != 0 }, as: UTF8.self)
        mtu = attributes[4]?.number(at: 0)
        alias = String(decoding: (attributes[20] ?? []).prefix { $0 != 0 }, as: UTF8.self)
        isUp = (answer.body.number(at: 8) ?? UInt32(0)) & 1 == 1
    }
}
