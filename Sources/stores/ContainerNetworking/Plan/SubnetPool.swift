/// Which ranges of addresses networks get where their maker names none.
package enum SubnetPool {
    /// A range that is cut into pieces of one size.
    struct Pool {
        var range: IPv4Subnet
        /// Of each piece.
        var prefix: UInt8

        init(_ range: IPv4Subnet, cutTo prefix: UInt8) {
            self.range = range
            self.prefix = prefix
        }

        /// The pieces, in order.
        var pieces: some Sequence<IPv4Subnet> {
            (0..<UInt32(1) << UInt32(prefix - range.prefix)).lazy.map { [range, prefix] number in
                IPv4Subnet(IPv4Address(range.address.number + number << (32 - UInt32(prefix))), prefix: prefix)
            }
        }
    }

    /// For the network that every container has without being asked: large ones, apart from those of builds. Every store on a
    /// machine has one of its own, so smaller ones follow.
    static let standard = [
        Pool(IPv4Subnet(IPv4Address(10, 212, 0, 0), prefix: 16), cutTo: 16),
        Pool(IPv4Subnet(IPv4Address(172, 29, 0, 0), prefix: 16), cutTo: 16),
        Pool(IPv4Subnet(IPv4Address(192, 168, 208, 0), prefix: 20), cutTo: 20),
        Pool(IPv4Subnet(IPv4Address(10, 214, 0, 0), prefix: 16), cutTo: 20),
        Pool(IPv4Subnet(IPv4Address(172, 27, 0, 0), prefix: 16), cutTo: 20),
    ]
    /// For networks that users make.
    static let others = [
        Pool(IPv4Subnet(IPv4Address(10, 211, 0, 0), prefix: 16), cutTo: 24),
        Pool(IPv4Subnet(IPv4Address(172, 28, 0, 0), prefix: 16), cutTo: 24),
        Pool(IPv4Subnet(IPv4Address(192, 168, 192, 0), prefix: 20), cutTo: 24),
    ]

    /// The first range that overlaps none of `taken`: the host's routes and the networks that there are.
    package static func free(isStandard: Bool, taken: [IPv4Subnet]) throws(NetworkError) -> IPv4Subnet {
        // The way to everywhere leads nowhere else.
        let taken = taken.filter { $0.prefix > 0 }
        for pool in isStandard ? standard : others {
            if let subnet = pool.pieces.first(where: { piece in !taken.contains { $0.overlaps(piece) } }) { return subnet }
        }
        throw NetworkError(.noAddress)
    }
}
