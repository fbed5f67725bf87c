import ContainerNetworking
package import Reporting

extension NetworkDraft {
    /// Works out the addresses of version 6 of a network that shall have some.
    ///
    /// - Parameters:
    ///   - routes: where the host sends packets.
    ///   - known: the ranges of other networks.
    mutating func addIPv6(
        _ request: Networks.Request,
        routes: [IPv6Subnet],
        known: [IPv6Subnet]
    ) throws {
        let subnet = try Self.subnetIPv6(request, routes: routes, known: known)
        var gateway = IPv6Address(subnet.address.number + 1)
        if let text = request.gatewayIPv6 {
            let address = try Self.address(text, "gateway", in: subnet)
            if address == subnet.address {
                throw PlainFailure(.forbidden, "failed to allocate gateway (\(text)): Address already in use")
            }
            gateway = address
        }
        var ipv6 = NetworkDocument.IPv6(subnet: subnet.description, gateway: gateway.description)
        ipv6.isSubnetChosen = request.subnetIPv6 != nil
        if let text = request.rangeIPv6 {
            guard let range = IPv6Subnet(text), subnet.contains(range) else {
                throw PlainFailure(.invalidArgument, "no matching subnet for range \(text)")
            }
            ipv6.range = range.description
        }
        if request.subnetIPv6 != nil {
            let wishes = request.reserved.filter { $0.value.contains(":") }
            ipv6.reserved = try Self.reserved(wishes, taken: [subnet.address, gateway]) { text in
                try Self.address(text, "aux-address", in: subnet)
            }
        } else if let address = request.reserved.values.filter({ $0.contains(":") }).min() {
            throw PlainFailure(.invalidArgument, "no matching subnet for aux-address \(address)")
        }
        if let mtu = try BridgeOptions(request.options).mtu, mtu < IPv6Plan.smallestMTU {
            throw PlainFailure(
                .invalidArgument,
                "invalid MTU number: \(mtu)",
                hint: "version 6 has no packets of less than \(IPv6Plan.smallestMTU) bytes"
            )
        }
        document.ipv6 = ipv6
    }

    private static func address(
        _ text: String,
        _ what: String,
        in subnet: IPv6Subnet
    ) throws(PlainFailure) -> IPv6Address {
        guard let address = IPv6Address(text), subnet.contains(address) else {
            throw PlainFailure(.invalidArgument, "no matching subnet for \(what) \(text)")
        }
        return address
    }

    private static func subnetIPv6(
        _ request: Networks.Request,
        routes: [IPv6Subnet],
        known: [IPv6Subnet]
    ) throws(PlainFailure) -> IPv6Subnet {
        guard let text = request.subnetIPv6 else { return SubnetPool.uniqueLocal(taken: routes + known) }
        guard let subnet = IPv6Subnet(text), (8...126).contains(subnet.prefix), !isSpecial(subnet) else {
            throw PlainFailure(
                .invalidArgument,
                "invalid subnet \(text) : invalid CIDR address: \(text)",
                hint: "for example fd00:1::/64"
            )
        }
        if known.contains(where: { $0.overlaps(subnet) }) {
            throw PlainFailure(.forbidden, "Pool overlaps with other one on this address space")
        }
        if let route = routes.first(where: { $0.prefix > 0 && subnet.contains($0) }) {
            throw PlainFailure(.conflict, "subnet \(subnet) overlaps the host's route to \(route)")
        }
        return subnet
    }

    /// Ranges that mean something by themselves: the host's own address, one card's, many at once.
    private static func isSpecial(_ subnet: IPv6Subnet) -> Bool {
        subnet.contains(.loopback) || subnet.address.isLinkLocal || subnet.address.number >> 120 == 0xff
            || subnet.address.mapped != nil
    }
}

extension Networks.Request {
    /// Takes what `--subnet`, `--gateway` and `--ip-range` say: one of each for each version, in any order.
    package mutating func take(subnets: [String], gateways: [String], ranges: [String]) throws(PlainFailure) {
        if subnets.count < ranges.count || subnets.count < gateways.count {
            throw PlainFailure(.invalidArgument, "every ip-range or gateway must have a corresponding subnet")
        }
        (subnet, subnetIPv6) = try Self.pair(subnets) { _ in "bridge driver doesn't support multiple subnets" }
        (gateway, gatewayIPv6) = try Self.pair(gateways) {
            "cannot configure multiple gateways (\($0[1]), \($0[0])) for the same subnet"
        }
        (range, rangeIPv6) = try Self.pair(ranges) {
            "cannot configure multiple ranges (\($0[1]), \($0[0])) on the same subnet"
        }
        let loose: [(String?, String?, String)] = [
            (gateway, subnet, "gateway"), (gatewayIPv6, subnetIPv6, "gateway"), (range, subnet, "range"),
            (rangeIPv6, subnetIPv6, "range"),
        ]
        for case (let text?, nil, let what) in loose {
            throw PlainFailure(.invalidArgument, "no matching subnet for \(what) \(text)")
        }
        if let subnetIPv6, !isIPv6 {
            throw PlainFailure(
                .invalidArgument,
                "the subnet \(subnetIPv6) is of version 6, which a network has only with --ipv6"
            )
        }
    }

    /// What there is of version 4, and of version 6.
    private static func pair(
        _ texts: [String],
        tooMany: ([String]) -> String
    ) throws(PlainFailure) -> (String?, String?) {
        let six = texts.filter { $0.contains(":") }
        let four = texts.filter { !$0.contains(":") }
        for texts in [four, six] where texts.count > 1 { throw PlainFailure(.forbidden, tooMany(texts)) }
        return (four.first, six.first)
    }
}
