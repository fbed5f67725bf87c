/// An address of version 4, as a number in the host's byte order.
package struct IPv4Address: Hashable, Sendable, CustomStringConvertible {
    package var number: UInt32

    package init(_ number: UInt32) { self.number = number }

    package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        number = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// Its four bytes in the network's order.
    package var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }

    package var description: String { bytes.map(String.init).joined(separator: ".") }
}

/// A range of addresses with a common beginning: `172.28.0.0/16`.
package struct IPv4Subnet: Hashable, Sendable, CustomStringConvertible {
    /// The first address; the bits behind the prefix are zero.
    package var address: IPv4Address
    /// How many bits the addresses have in common, 0 to 32.
    package var prefix: UInt8

    package init(_ address: IPv4Address, prefix: UInt8) {
        self.prefix = min(prefix, 32)
        self.address = IPv4Address(address.number & Self.mask(self.prefix))
    }

    private static func mask(_ prefix: UInt8) -> UInt32 { prefix == 0 ? 0 : ~0 << (32 - UInt32(prefix)) }

    /// Whether the two have an address in common.
    package func overlaps(_ other: IPv4Subnet) -> Bool {
        let mask = Self.mask(min(prefix, other.prefix))
        return address.number & mask == other.address.number & mask
    }

    package var description: String { "\(address)/\(prefix)" }
}
