extension LinkMessages {
    private static let ipv6: UInt8 = 10
    /// IFA_F_NODAD: nobody is asked whether he has the address, so it can be used at once. The database has seen to that.
    private static let isNotAskedFor: UInt8 = 0x02

    /// Gives a card an address; the subnet becomes a route.
    static func add(_ address: IPv6Address, prefix: UInt8, to index: UInt32) -> NetlinkMessage {
        add(address.bytes, of: ipv6, flags: isNotAskedFor, prefix: prefix, to: index)
    }

    /// The way to everywhere.
    static func addDefaultRoute(through gateway: IPv6Address, on index: UInt32) -> NetlinkMessage {
        addDefaultRoute(through: gateway.bytes, of: ipv6, on: index)
    }

    /// All routes of version 6.
    static var routesIPv6: NetlinkMessage { routes(of: ipv6) }

    /// The destinations among the answers, without those that every card has.
    static func subnetsIPv6(_ answers: [NetlinkAnswer]) -> [IPv6Subnet] {
        answers.compactMap { answer in
            guard answer.kind == NetlinkMessage.Kind.newRoute.number, answer.body.count >= 12 else { return nil }
            let attributes = answer.attributes(after: 12)
            // Addresses of the machine itself are in the table "local"; their subnets are routes as well.
            let table: UInt32 = attributes[15]?.number(at: 0) ?? UInt32(answer.body[4])
            guard table != 255, let bytes = attributes[1], let address = IPv6Address(bytes: bytes) else { return nil }
            return address.isLinkLocal || bytes[0] == 0xff ? nil : IPv6Subnet(address, prefix: answer.body[1])
        }
    }
}
