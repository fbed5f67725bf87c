private import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A network of its own for programs that need to reach others and that nobody needs to reach: the steps of a build.
///
/// A namespace with `lo` and one card, whose other end is on the host; what is sent leaves with the host's address. The
/// namespace goes when this value and the last program in it have gone, the cards with it, and the packet rules end with
/// this process: also one that is killed leaves nothing behind. Needs root, libnftables and a kernel with nftables.
///
/// The module knows the kernel's routing tables and packet rules. It doesn't know containers: whoever starts one puts it
/// into `namespace`.
package final class PrivateNetwork: @unchecked Sendable {
    // Nobody changes anything after `init`, and `deinit` is alone.
    private let holder: NetworkNamespace
    private let rules: PacketRules
    package let link: LinkPlan

    /// Where the namespace is found, for this process only.
    package var namespace: String { "/proc/self/fd/\(holder.descriptor.raw)" }

    /// Makes a network.
    ///
    /// Turns on the kernel's forwarding, as Docker does.
    package init() throws(NetworkError) {
        let rules = try PacketRules()
        let policy = try Self.policy(rules)
        var host = try RoutingSocket()
        let routes = RouteTable(try host.ask(LinkMessages.routes, "routes"))
        let pool = try AddressPool(routes: routes.subnets)
        let mtu = try Self.mtu(of: routes.defaultLink, &host)
        var holder = try NetworkNamespace()
        let link = try Self.makePair(pool, mtu: mtu, &host, into: holder)
        try rules.run((policy.needsExceptions ? policy.addExceptions : "") + link.rules)
        try KernelSetting.forwarding.turnOn()
        try Self.bringUp(link, &host)
        try Self.bringUp(link, inside: &holder)
        self.holder = holder
        self.rules = rules
        self.link = link
    }

    deinit {
        // The exceptions are for all of our links: who has the last one takes them back. They do no harm if they stay.
        guard let policy = try? Self.policy(rules), !policy.exceptions.isEmpty,
            let others = try? Self.otherLinks(than: link),
            others.isEmpty
        else { return }
        _ = try? rules.run(policy.removeExceptions)
    }

    // MARK: - The two ends

    /// Makes the cards with the first addresses that nobody has.
    private static func makePair(
        _ pool: AddressPool,
        mtu: UInt32,
        _ host: inout RoutingSocket,
        into namespace: borrowing NetworkNamespace
    ) throws(NetworkError) -> LinkPlan {
        // Processes that begin at the same time begin at different places.
        let first = Int(getpid())
        for number in first..<first + pool.count {
            let link = LinkPlan(subnet: pool.subnet(number), mtu: mtu, mark: .random(in: 0 ... .max))
            do throws(NetworkError) {
                try host.change(LinkMessages.makePair(link, container: namespace.descriptor.raw), link.hostName)
                return link
            } catch  where error.isTaken {
                continue
            }
        }
        throw NetworkError(.noAddress)
    }

    static func policy(
        _ rules: borrowing PacketRules,
        _ family: ForwardPolicy.Family = .ipv4
    ) throws(NetworkError) -> ForwardPolicy {
        var policy = ForwardPolicy(family, listing: try rules.run("list chains\n"))
        if let obstacle = policy.obstacle { throw NetworkError(.firewall(obstacle)) }
        if policy.dropping.contains(family.iptablesChain) {
            policy = ForwardPolicy(family, listing: try rules.run("list chain \(family.iptablesChain)\n"))
        }
        return policy
    }

    private static func mtu(of index: UInt32?, _ host: inout RoutingSocket) throws(NetworkError) -> UInt32 {
        guard let index else { return 1500 }
        let found = try host.ask(LinkMessages.find(index: index), "card \(index)").lazy.compactMap(LinkDescription.init)
        return found.first?.mtu ?? 1500
    }

    private static func bringUp(_ link: LinkPlan, _ host: inout RoutingSocket) throws(NetworkError) {
        let index = try index(of: link.hostName, &host)
        // A container must not be able to tell the host about routes of version 6.
        try KernelSetting.isWithoutIPv6(link.hostName).turnOn()
        try host.change(LinkMessages.add(link.hostAddress, prefix: link.subnet.prefix, to: index), link.hostName)
        try host.change(LinkMessages.bringUp(index), link.hostName)
    }

    private static func bringUp(_ link: LinkPlan, inside holder: inout NetworkNamespace) throws(NetworkError) {
        try holder.routing.change(LinkMessages.bringUp(1), "lo")
        let index = try index(of: LinkPlan.containerName, &holder.routing)
        let address = LinkMessages.add(link.containerAddress, prefix: link.subnet.prefix, to: index)
        try holder.routing.change(address, LinkPlan.containerName)
        try holder.routing.change(LinkMessages.bringUp(index), LinkPlan.containerName)
        let route = LinkMessages.addDefaultRoute(through: link.hostAddress, on: index)
        try holder.routing.change(route, "default route")
    }

    // MARK: - The host

    private static func index(of name: String, _ socket: inout RoutingSocket) throws(NetworkError) -> UInt32 {
        let found = try socket.ask(LinkMessages.find(name), name).lazy.compactMap(LinkDescription.init).first
        guard let found else { throw NetworkError(.answer("the kernel doesn't describe the network card \(name)")) }
        return found.index
    }

    private static func otherLinks(than link: LinkPlan) throws(NetworkError) -> [String] {
        var socket = try RoutingSocket()
        return try socket.ask(LinkMessages.links, "cards").compactMap(LinkDescription.init).map(\.name).filter {
            $0.hasPrefix(LinkPlan.namePrefix) && $0 != link.hostName
        }
    }
}
