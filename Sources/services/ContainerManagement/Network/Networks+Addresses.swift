import ContainerNetworking
import Reporting

extension Networks {
    /// The address that a container gets on a network: the one that it wants, or the lowest free one.
    static func address(
        _ request: EndpointRequest,
        _ network: ContainerNetworkState,
        _ plan: BridgePlan,
        taken: Set<IPv4Address>
    ) throws -> IPv4Address {
        guard let text = request.address else {
            if let free = plan.freeAddress(taken: taken) { return free }
            throw PlainFailure(.exhausted, "no available IPv4 addresses on network \(network.name) (\(plan.subnet))")
        }
        try network.requireChosenSubnet(for: request)
        guard let address = IPv4Address(text), plan.canGive(address) else {
            throw PlainFailure(.invalidArgument, "no configured subnet or ip-range contain the IP address \(text)")
        }
        if taken.contains(address) { throw PlainFailure(.conflict, "Address already in use: \(text)") }
        return address
    }

    /// The same of version 6; nil where the network has none.
    static func ipv6Address(
        _ request: EndpointRequest,
        _ network: ContainerNetworkState,
        taken all: [Endpoint]
    ) throws(PlainFailure) -> IPv6Address? {
        try network.requireChosenSubnet(for: request)
        guard let plan = network.plan?.ipv6 else { return nil }
        let taken = network.reservedIPv6.union(all.filter { $0.network.id == network.id }.compactMap(\.ipv6))
        guard let text = request.ipv6Address else {
            if let free = plan.freeAddress(taken: taken) { return free }
            throw PlainFailure(.exhausted, "no available IPv6 addresses on network \(network.name) (\(plan.subnet))")
        }
        guard let address = IPv6Address(text), plan.canGive(address) else {
            throw PlainFailure(.invalidArgument, "no configured subnet or ip-range contain the IP address \(text)")
        }
        if taken.contains(address) { throw PlainFailure(.conflict, "Address already in use: \(text)") }
        return address
    }

    /// The further addresses that a container wants on a network; nil where it wants none.
    static func linkLocal(_ request: EndpointRequest, _ network: ContainerNetworkState) throws(PlainFailure)
        -> [String]?
    {
        let addresses = (request.linkLocalAddresses ?? []).compactMap { IPAddress($0) }
        for case .v6(let address) in addresses where network.document.ipv6 == nil {
            throw PlainFailure(
                .invalidArgument,
                "the link-local address \(address) needs a network with addresses of version 6, which \(network.name) hasn't"
            )
        }
        return addresses.isEmpty ? nil : addresses.map(\.description)
    }
}
