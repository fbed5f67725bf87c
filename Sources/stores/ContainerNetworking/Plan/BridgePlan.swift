/// A network for containers as the host has it: a bridge, its address, and who may pass.
package struct BridgePlan: Hashable, Sendable {
    /// The network's whole ID, by which the bridge is recognised as ours.
    package var id: String
    /// What the bridge is called on the host.
    package var link: String
    package var subnet: IPv4Subnet
    package var gateway: IPv4Address
    /// Addresses to give; nil is the whole subnet.
    package var range: IPv4Subnet?
    /// Its addresses of version 6; nil where it speaks version 4 only.
    package var ipv6: IPv6Plan?
    /// Whether nothing of it leaves the host.
    package var isInternal: Bool
    /// Whether what leaves gets the host's address.
    package var masquerades = true
    /// Whether containers on it reach each other.
    package var connects = true
    /// The largest packet; nil is that of the host's way out.
    package var mtu: UInt32?

    package init(
        id: String,
        link: String,
        subnet: IPv4Subnet,
        gateway: IPv4Address,
        range: IPv4Subnet? = nil,
        isInternal: Bool = false
    ) {
        self.id = id
        self.link = link
        self.subnet = subnet
        self.gateway = gateway
        self.range = range
        self.isInternal = isInternal
    }

    /// The bridge's own hardware address, which doesn't change with the cards that come and go.
    var hardwareAddress: HardwareAddress { .standing(for: gateway) }

    /// The lowest address that nobody has; nil where all are taken.
    package func freeAddress(taken: Set<IPv4Address>) -> IPv4Address? {
        let range = range ?? subnet
        var number = UInt64(range.address.number)
        while number <= UInt64(range.last.number) {
            let address = IPv4Address(UInt32(number))
            if canGive(address), !taken.contains(address) { return address }
            number += 1
        }
        return nil
    }

    /// Whether a container may have an address at all.
    package func canGive(_ address: IPv4Address) -> Bool {
        guard subnet.contains(address), address != gateway else { return false }
        // Two addresses, or one, are all for use (RFC 3021).
        return subnet.prefix >= 31 || (address != subnet.address && address != subnet.last)
    }
}

/// A container's card on a network.
package struct EndpointPlan: Hashable, Sendable {
    /// What the host's end is called.
    package var link: String
    /// What the container's end is called.
    package var card: String
    package var address: IPv4Address
    package var hardwareAddress: HardwareAddress
    /// Whether the way to everywhere leads through this card.
    package var isDefaultRoute: Bool
    /// An address of version 6; nil where it has none.
    package var ipv6: IPv6Address?
    /// Whether the way to everywhere in version 6 leads through this card.
    package var isDefaultRouteIPv6 = false
    /// Further addresses, which mean something on this network only.
    package var linkLocal: [IPAddress] = []

    package init(
        link: String,
        card: String,
        address: IPv4Address,
        hardwareAddress: HardwareAddress? = nil,
        isDefaultRoute: Bool
    ) {
        self.link = link
        self.card = card
        self.address = address
        self.hardwareAddress = hardwareAddress ?? .standing(for: address)
        self.isDefaultRoute = isDefaultRoute
    }
}

/// An address of a network card: six bytes.
package struct HardwareAddress: Hashable, Sendable, CustomStringConvertible {
    package var bytes: [UInt8]

    /// `02:42:ac:11:00:02`; nil for anything else and for an address of many.
    package init?(_ text: String) {
        let parts = text.split(separator: text.contains("-") ? "-" : ":", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { $0.utf8.count == 2 ? UInt8($0, radix: 16) : nil }
        guard parts.count == 6, bytes.count == 6, bytes[0] & 1 == 0 else { return nil }
        self.bytes = bytes
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Docker's rule: who takes over an address of version 4 takes over the card's as well, so nobody's memory is wrong.
    package static func standing(for address: IPv4Address) -> HardwareAddress {
        HardwareAddress(bytes: [0x02, 0x42] + address.bytes)
    }

    package var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}
