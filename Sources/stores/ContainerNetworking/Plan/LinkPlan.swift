/// A pair of virtual network cards, one on the host and one in a container's network, with an address each.
///
/// The pair has four addresses of its own (a /30). The host's card is named after them, so that making the card is what
/// takes the addresses: the kernel lets nobody else have the name, and frees it when the container's network ends, however
/// that comes about. There is nothing to clean up.
package struct LinkPlan: Hashable, Sendable, CustomStringConvertible {
    /// What the host's cards are called, in front of their addresses.
    package static let namePrefix = "socle"
    /// What a container's card is called.
    package static let containerName = "eth0"

    package var subnet: IPv4Subnet
    /// The largest packet in bytes: that of the way out.
    package var mtu: UInt32

    /// Tells this link's rules from those of an earlier one with its addresses, which go in the kernel's own time.
    package var mark: UInt32

    package init(subnet: IPv4Subnet, mtu: UInt32, mark: UInt32 = 0) {
        self.subnet = subnet
        self.mtu = mtu
        self.mark = mark
    }

    /// The host's card: at most 15 bytes, as the kernel wants.
    package var hostName: String {
        let digits = String(subnet.address.number, radix: 16)
        return Self.namePrefix + String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The host's address, which is the container's way out.
    package var hostAddress: IPv4Address { IPv4Address(subnet.address.number + 1) }
    package var containerAddress: IPv4Address { IPv4Address(subnet.address.number + 2) }

    /// The table of this link's packet rules.
    package var tableName: String { "\(hostName)_\(String(mark, radix: 16))" }

    /// The packet rules, in the language of nft(8).
    ///
    /// What the container sends leaves with the host's address, and only answers come back. The table belongs to whoever
    /// makes it and ends with that process.
    package var rules: String {
        """
        table inet \(tableName) {
            flags owner;
            chain forwarding {
                type filter hook forward priority filter; policy accept;
                oifname "\(hostName)" ct state established,related accept
                oifname "\(hostName)" drop
            }
            chain leaving {
                type nat hook postrouting priority srcnat; policy accept;
                ip saddr \(containerAddress) oifname != "\(hostName)" masquerade
            }
        }

        """
    }

    package var description: String {
        "\(hostName) \(hostAddress) <-> \(Self.containerName) \(containerAddress), \(subnet), mtu \(mtu)"
    }
}
