private import Glibc

/// An address of version 6, as a number in the host's byte order.
package struct IPv6Address: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var number: UInt128

    package init(_ number: UInt128) { self.number = number }

    /// Sixteen bytes in the network's order; nil for another count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        number = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// Any of the forms of RFC 4291, without brackets and without a card's name.
    package init?(_ text: String) {
        var room = in6_addr()
        guard !text.utf8.contains(0), inet_pton(AF_INET6, text, &room) == 1 else { return nil }
        self.init(bytes: withUnsafeBytes(of: room) { Array($0) })
    }

    package static let loopback = IPv6Address(1)

    /// Its bytes in the network's order.
    package var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: number >> (120 - 8 * $0)) } }

    /// The address of version 4 that it stands for (`::ffff:127.0.0.1`); nil for others.
    package var mapped: IPv4Address? {
        number >> 32 == 0xffff ? IPv4Address(UInt32(truncatingIfNeeded: number)) : nil
    }

    /// Whether it means something on one card only: `fe80::/10`.
    package var isLinkLocal: Bool { number >> 118 == 0xfe80 >> 6 }

    /// The shortest form, after RFC 5952.
    package var description: String {
        var room = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { $0.copyBytes(from: bytes) }
        inet_ntop(AF_INET6, &address, &room, socklen_t(room.count))
        return String(decoding: room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package static func < (one: IPv6Address, other: IPv6Address) -> Bool { one.number < other.number }
}

/// A range of addresses with a common beginning: `fd00:1::/64`.
package struct IPv6Subnet: Hashable, Sendable, CustomStringConvertible {
    /// The first address; the bits behind the prefix are zero.
    package var address: IPv6Address
    /// How many bits the addresses have in common, 0 to 128.
    package var prefix: UInt8

    package init(_ address: IPv6Address, prefix: UInt8) {
        self.prefix = min(prefix, 128)
        self.address = IPv6Address(address.number & Self.mask(self.prefix))
    }

    /// `fd00:1::/64`; what is behind the prefix is cut off.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv6Address(String(parts[0])), let prefix = UInt8(parts[1]), prefix <= 128
        else { return nil }
        self.init(address, prefix: prefix)
    }

    private static func mask(_ prefix: UInt8) -> UInt128 { prefix == 0 ? 0 : ~0 << (128 - UInt128(prefix)) }

    /// Its last address.
    package var last: IPv6Address { IPv6Address(address.number | ~Self.mask(prefix)) }

    package func contains(_ other: IPv6Address) -> Bool { other.number & Self.mask(prefix) == address.number }

    package func contains(_ other: IPv6Subnet) -> Bool { other.prefix >= prefix && contains(other.address) }

    /// Whether the two have an address in common.
    package func overlaps(_ other: IPv6Subnet) -> Bool { contains(other) || other.contains(self) }

    package var description: String { "\(address)/\(prefix)" }
}
