import ContainerNetworking
import Reporting

/// A network that is asked for, with its addresses worked out.
struct NetworkDraft {
    var document = NetworkDocument()

    /// - Parameters:
    ///   - routes: where the host sends packets.
    ///   - known: the ranges of other networks.
    init(_ request: Networks.Request, routes: [IPv4Subnet], known: [IPv4Subnet]) throws {
        document.isInternal = request.isInternal
        document.isAttachable = request.isAttachable
        document.labels = request.labels
        document.options = request.options
        document.link = try BridgeOptions(request.options).link ?? ""
        document.ipamOptions = request.ipamOptions.isEmpty ? nil : request.ipamOptions
        let subnet = try Self.subnet(request, routes: routes, known: known)
        let gateway = try Self.address(request.gateway, "gateway", in: subnet) ?? IPv4Address(subnet.address.number + 1)
        if Self.ends(of: subnet).contains(gateway) {
            throw PlainFailure(.forbidden, "failed to allocate gateway (\(gateway)): Address already in use")
        }
        document.subnet = subnet.description
        document.isSubnetChosen = request.subnet != nil
        document.gateway = gateway.description
        if let text = request.range {
            guard let range = IPv4Subnet(text), subnet.contains(range) else {
                throw PlainFailure(.invalidArgument, "no matching subnet for range \(text)")
            }
            document.range = range.description
        }
        // Those of version 6 come with `addIPv6`; a network without has no range that they could be of.
        let reserved = request.reserved.filter { !request.isIPv6 || !$0.value.contains(":") }
        document.reserved = try Self.reserved(reserved, taken: Self.ends(of: subnet).union([gateway])) { text in
            try Self.address(text, "aux-address", in: subnet)
        }
    }

    /// The addresses of a range that nobody can have.
    private static func ends(of subnet: IPv4Subnet) -> Set<IPv4Address> { [subnet.address, subnet.last] }

    /// `--aux-address`: what others than containers have; nil where nobody has any.
    static func reserved<Address: Hashable>(
        _ wishes: [String: String],
        taken: Set<Address>,
        _ address: (String) throws -> Address?
    ) throws -> [String: String]? {
        var taken = taken
        for (name, text) in wishes.sorted(by: { $0.key < $1.key }) {
            guard let address = try address(text) else { continue }
            if !taken.insert(address).inserted {
                throw PlainFailure(
                    .forbidden,
                    "failed to allocate secondary ip address (\(name):\(address)): Address already in use"
                )
            }
        }
        return wishes.isEmpty ? nil : wishes
    }

    private static func subnet(_ request: Networks.Request, routes: [IPv4Subnet], known: [IPv4Subnet]) throws
        -> IPv4Subnet
    {
        guard let text = request.subnet else {
            if request.gateway != nil || request.range != nil {
                throw PlainFailure(.invalidArgument, "every ip-range or gateway must have a corresponding subnet")
            }
            let wishes = request.reserved.filter { !request.isIPv6 || !$0.value.contains(":") }
            if let address = wishes.min(by: { $0.key < $1.key })?.value {
                throw PlainFailure(.invalidArgument, "no matching subnet for aux-address \(address)")
            }
            return try SubnetPool.free(isStandard: false, taken: routes + known)
        }
        guard let subnet = IPv4Subnet(text), subnet.prefix >= 8 else {
            throw PlainFailure(.invalidArgument, "Invalid subnet \(text) : invalid CIDR address: \(text)", hint: "for example 172.28.5.0/24")
        }
        // Bridges, and addresses that mean all of a range, want more than two.
        if subnet.prefix > 30 {
            throw PlainFailure(.forbidden, "failed to allocate gateway (): No available addresses on this pool")
        }
        if known.contains(where: { $0.overlaps(subnet) }) {
            throw PlainFailure(.forbidden, "Pool overlaps with other one on this address space")
        }
        // The way to everywhere, and wide routes that it is cut out of, don't matter; a card with these addresses does.
        if let route = routes.first(where: { $0.prefix > 0 && subnet.contains($0) || $0 == subnet }) {
            throw PlainFailure(.conflict, "subnet \(subnet) overlaps the host's route to \(route)")
        }
        return subnet
    }

    private static func address(_ text: String?, _ what: String, in subnet: IPv4Subnet) throws -> IPv4Address? {
        guard let text else { return nil }
        guard let address = IPv4Address(text), subnet.contains(address) else {
            throw PlainFailure(.invalidArgument, "no matching subnet for \(what) \(text)")
        }
        return address
    }
}
