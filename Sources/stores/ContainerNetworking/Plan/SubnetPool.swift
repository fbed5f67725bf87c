/// Which ranges of addresses networks get where their maker names none.
package enum SubnetPool {
    /// For the network that every container has without being asked: large ones, apart from those of builds.
    static let standard = [
        IPv4Subnet(IPv4Address(10, 212, 0, 0), prefix: 16), IPv4Subnet(IPv4Address(172, 29, 0, 0), prefix: 16),
        IPv4Subnet(IPv4Address(192, 168, 208, 0), prefix: 20),
    ]
    /// For networks that users make: each is cut into small ones.
    static let others = [
        IPv4Subnet(IPv4Address(10, 211, 0, 0), prefix: 16), IPv4Subnet(IPv4Address(172, 28, 0, 0), prefix: 16),
        IPv4Subnet(IPv4Address(192, 168, 192, 0), prefix: 20),
    ]
    static let prefix: UInt8 = 24

    /// The first range that overlaps none of `taken`: the host's routes and the networks that there are.
    package static func free(isStandard: Bool, taken: [IPv4Subnet]) throws(NetworkError) -> IPv4Subnet {
        // The way to everywhere leads nowhere else.
        let taken = taken.filter { $0.prefix > 0 }
        for pool in isStandard ? standard : others {
            let step = isStandard ? pool.prefix : prefix
            for number in 0..<UInt32(1) << UInt32(step - pool.prefix) {
                let address = IPv4Address(pool.address.number + number << (32 - UInt32(step)))
                let subnet = IPv4Subnet(address, prefix: step)
                if !taken.contains(where: { $0.overlaps(subnet) }) { return subnet }
            }
        }
        throw NetworkError(.noAddress)
    }
}
