/// The addresses of version 6 of a network that has some, besides those of version 4.
package struct IPv6Plan: Hashable, Sendable {
    /// What a card's largest packet has at least where it speaks version 6 (RFC 8200).
    package static let smallestMTU: UInt32 = 1280
    package var subnet: IPv6Subnet
    package var gateway: IPv6Address
    /// Addresses to give; nil is the whole subnet.
    package var range: IPv6Subnet?

    package init(subnet: IPv6Subnet, gateway: IPv6Address, range: IPv6Subnet? = nil) {
        self.subnet = subnet
        self.gateway = gateway
        self.range = range
    }

    /// The lowest address that nobody has; nil where all are taken.
    package func freeAddress(taken: Set<IPv6Address>) -> IPv6Address? {
        let range = range ?? subnet
        var address = range.address
        while true {
            if canGive(address), !taken.contains(address) { return address }
            if address == range.last { return nil }
            address.number += 1
        }
    }

    /// Whether a container may have an address at all. The first one of a subnet stands for all of its routers.
    package func canGive(_ address: IPv6Address) -> Bool {
        subnet.contains(address) && address != gateway && address != subnet.address
    }
}

extension SubnetPool {
    /// A range of addresses that nobody else in the world has, as good as certainly: a unique local one (RFC 4193) by chance.
    package static func uniqueLocal(taken: [IPv6Subnet]) -> IPv6Subnet {
        while true {
            let chance = UInt64.random(in: 0 ... .max) & 0x00ff_ffff_ffff_ffff
            let subnet = IPv6Subnet(IPv6Address(UInt128(UInt64(0xfd) << 56 | chance) << 64), prefix: 64)
            // The way to everywhere leads nowhere else, and neither do the widest ones that it is cut into.
            if !taken.contains(where: { $0.prefix > 8 && $0.overlaps(subnet) }) { return subnet }
        }
    }
}
