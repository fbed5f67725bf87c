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
        for key in request.options.keys.sorted() where key != "com.docker.network.bridge.name" {
            throw PlainFailure(.unsupported, "network option \(key) is not supported")
        }
        if let name = request.options["com.docker.network.bridge.name"] { document.link = try Self.checked(name) }
        let subnet = try Self.subnet(request, routes: routes, known: known)
        let gateway = try Self.address(request.gateway, "gateway", in: subnet) ?? IPv4Address(subnet.address.number + 1)
        document.subnet = subnet.description
        document.isSubnetChosen = request.subnet != nil
        document.gateway = gateway.description
        if let text = request.range {
            guard let range = IPv4Subnet(text), subnet.contains(range) else {
                throw PlainFailure(.invalidArgument, "no matching subnet for range \(text)")
            }
            document.range = range.description
        }
    }

    /// Firewalls are told of our cards by the beginning of their names.
    private static func checked(_ name: String) throws -> String {
        guard name.hasPrefix(LinkPlan.namePrefix), name.utf8.count <= 15, NetworkNames.isValid(name) else {
            throw PlainFailure(
                .invalidArgument,
                "a bridge can't be called \"\(name)\": its name begins with \(LinkPlan.namePrefix) and has at most 15 bytes"
            )
        }
        return name
    }

    private static func subnet(_ request: Networks.Request, routes: [IPv4Subnet], known: [IPv4Subnet]) throws
        -> IPv4Subnet
    {
        guard let text = request.subnet else {
            if request.gateway != nil || request.range != nil {
                throw PlainFailure(.invalidArgument, "every ip-range or gateway must have a corresponding subnet")
            }
            return try SubnetPool.free(isStandard: false, taken: routes + known)
        }
        if text.contains(":") { throw PlainFailure(.unsupported, "networks have no addresses of version 6: \(text)") }
        guard let subnet = IPv4Subnet(text), (8...30).contains(subnet.prefix) else {
            throw PlainFailure(.invalidArgument, "invalid subnet \(text) : invalid CIDR address: \(text)", hint: "for example 172.28.5.0/24")
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
