/// The ranges that links take their addresses from.
package struct AddressPool: Sendable {
    /// Private ranges that are seldom used, the one to prefer first. Docker takes its own from 172.17 up and from 192.168.
    package static let ranges = [
        IPv4Subnet(IPv4Address(10, 213, 0, 0), prefix: 16), IPv4Subnet(IPv4Address(172, 30, 0, 0), prefix: 16),
        IPv4Subnet(IPv4Address(192, 168, 224, 0), prefix: 20),
    ]
    static let linkPrefix: UInt8 = 30

    /// A range that the host's routes leave alone.
    package let range: IPv4Subnet

    /// - Parameter routes: where the host sends packets, without the default route.
    package init(routes: [IPv4Subnet]) throws(NetworkError) {
        // Links that are there already are routes of the same range, and no reason to leave it.
        let free = Self.ranges.first { range in
            !routes.contains { $0.overlaps(range) && !($0.prefix == Self.linkPrefix && range.prefix <= 30) }
        }
        guard let free else { throw NetworkError(.noAddress) }
        range = free
    }

    /// How many links have room.
    package var count: Int { 1 << (Int(Self.linkPrefix) - Int(range.prefix)) }

    /// The addresses of the link with a number; numbers go round.
    package func subnet(_ number: Int) -> IPv4Subnet {
        let offset = UInt32(truncatingIfNeeded: number) % UInt32(count)
        return IPv4Subnet(IPv4Address(range.address.number + offset << 2), prefix: Self.linkPrefix)
    }
}
