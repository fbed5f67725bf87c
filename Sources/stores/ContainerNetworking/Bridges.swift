private import Glibc
private import LinuxSystem
private import SystemPackage

/// What the host's kernel has of networks for containers: bridges, cards, packet rules.
///
/// Every operation looks at what is there and makes what is missing, so it can be done again after any interruption. Two
/// processes must not make the same bridge or the same table at once: callers see to that.
package enum Bridges {
    /// Where the host sends packets.
    package static func routes() throws(NetworkError) -> [IPv4Subnet] {
        var host = try RoutingSocket()
        return RouteTable(try host.ask(LinkMessages.routes, "routes")).subnets
    }

    /// Where the host sends packets of version 6.
    package static func routesIPv6() throws(NetworkError) -> [IPv6Subnet] {
        var host = try RoutingSocket()
        return LinkMessages.subnetsIPv6(try host.ask(LinkMessages.routesIPv6, "routes"))
    }

    /// Whether a card of this name is there.
    package static func has(_ link: String) throws(NetworkError) -> Bool {
        var host = try RoutingSocket()
        return try find(link, &host) != nil
    }

    /// Whether a network's bridge is there and ready.
    package static func isReady(_ plan: BridgePlan) throws(NetworkError) -> Bool {
        var host = try RoutingSocket()
        guard let card = try find(plan.link, &host) else { return false }
        return card.alias == plan.id && card.isUp
    }

    /// Makes a network's bridge where it is missing.
    package static func make(_ plan: BridgePlan) throws(NetworkError) {
        var host = try RoutingSocket()
        let mtu = if let own = plan.mtu { own } else { try mtu(&host) }
        var card = try find(plan.link, &host)
        if card == nil {
            try host.change(LinkMessages.makeBridge(plan), plan.link)
            card = try find(plan.link, &host)
        }
        guard let card, card.alias.isEmpty || card.alias == plan.id else {
            throw NetworkError(.answer("the network card \(plan.link) belongs to somebody else"))
        }
        try host.change(LinkMessages.settle(card.index, alias: plan.id, mtu: mtu), plan.link)
        try add(LinkMessages.add(plan.gateway, prefix: plan.subnet.prefix, to: card.index), plan.link, &host)
        // A container must not be able to tell the host about routes of version 6.
        if let ipv6 = plan.ipv6 {
            try KernelSetting.speakIPv6(plan.link)
            try add(LinkMessages.add(ipv6.gateway, prefix: ipv6.subnet.prefix, to: card.index), plan.link, &host)
            try KernelSetting.forwardingIPv6.turnOn()
        } else {
            try KernelSetting.isWithoutIPv6(plan.link).turnOn()
        }
        // Ports published on the host's loopback address lead to containers.
        try KernelSetting.routesLoopback(plan.link).turnOn()
        try KernelSetting.forwarding.turnOn()
        try host.change(LinkMessages.bringUp(card.index), plan.link)
    }

    /// Removes a card, a bridge or the host's end of a pair; nothing happens where it isn't there.
    package static func remove(_ link: String) throws(NetworkError) {
        var host = try RoutingSocket()
        guard let card = try find(link, &host) else { return }
        do throws(NetworkError) { try host.change(LinkMessages.remove(card.index), link) } catch {
            // It went by itself meanwhile.
            guard error.isAboutMissingCard else { throw error }
        }
    }

    // MARK: - Containers

    /// Gives the network at `namespace` a card on a bridge, ready for use.
    package static func connect(
        _ endpoint: EndpointPlan,
        to bridge: BridgePlan,
        in space: borrowing ContainerSpace
    ) throws(NetworkError) {
        var host = try RoutingSocket()
        guard let card = try find(bridge.link, &host) else {
            throw NetworkError(.answer("the bridge \(bridge.link) has gone"))
        }
        let message = LinkMessages.makeEndpoint(
            endpoint,
            bridge: card.index,
            mtu: card.mtu ?? 1500,
            namespace: space.holder.descriptor.raw
        )
        try host.change(message, endpoint.link)
        try KernelSetting.isWithoutIPv6(endpoint.link).turnOn()
        let outer = try index(of: endpoint.link, &host)
        try host.change(LinkMessages.adjustPort(outer, isIsolated: !bridge.connects), endpoint.link)
        try host.change(LinkMessages.bringUp(outer), endpoint.link)
        try space.bringUp(endpoint, on: bridge)
    }

    // MARK: - Rules

    /// Puts the packet rules in the place of those that are there, and makes room for them in iptables' chain.
    package static func apply(_ rules: NetworkRules) throws(NetworkError) {
        let connection = try PacketRules()
        let families = rules.speaksIPv6 ? ForwardPolicy.Family.allCases : [.ipv4]
        var exceptions = ""
        for family in families {
            let policy = try PrivateNetwork.policy(connection, family)
            if policy.needsExceptions { exceptions += policy.addExceptions }
        }
        try connection.run(exceptions + rules.commands)
    }

    /// Takes the packet rules away, and the room in iptables' chain where no card of ours is left.
    package static func remove(_ rules: NetworkRules) throws(NetworkError) {
        let connection = try PacketRules()
        try connection.run(rules.removal)
        var host = try RoutingSocket()
        let cards = try host.ask(LinkMessages.links, "cards").compactMap(LinkDescription.init).map(\.name)
        guard !cards.contains(where: { $0.hasPrefix(LinkPlan.namePrefix) }) else { return }
        for family in ForwardPolicy.Family.allCases {
            try connection.run(try PrivateNetwork.policy(connection, family).removeExceptions)
        }
    }

    /// Whether the table is there, without the library that makes rules.
    package static func hasTable(_ name: String) throws(NetworkError) -> Bool { try TableProbe.isThere(name) }

    // MARK: - Parts

    /// Adds an address, which may be there.
    private static func add(
        _ message: NetlinkMessage,
        _ link: String,
        _ host: inout RoutingSocket
    ) throws(NetworkError) {
        do throws(NetworkError) { try host.change(message, link) } catch {
            guard error.isTaken else { throw error }
        }
    }

    private static func find(_ name: String, _ host: inout RoutingSocket) throws(NetworkError) -> LinkDescription? {
        do throws(NetworkError) {
            return try host.ask(LinkMessages.find(name), name).lazy.compactMap(LinkDescription.init).first
        } catch {
            if error.isAboutMissingCard { return nil }
            throw error
        }
    }

    static func index(of name: String, _ host: inout RoutingSocket) throws(NetworkError) -> UInt32 {
        guard let card = try find(name, &host) else {
            throw NetworkError(.answer("the kernel doesn't describe the network card \(name)"))
        }
        return card.index
    }

    /// The largest packet of the way out.
    private static func mtu(_ host: inout RoutingSocket) throws(NetworkError) -> UInt32 {
        let table = RouteTable(try host.ask(LinkMessages.routes, "routes"))
        guard let index = table.defaultLink else { return 1500 }
        let found = try host.ask(LinkMessages.find(index: index), "card \(index)").lazy.compactMap(LinkDescription.init)
        return found.first?.mtu ?? 1500
    }
}

extension NetworkError {
    /// Whether there is no card of that name or number.
    fileprivate var isAboutMissingCard: Bool {
        if case .system(let system) = reason { system.errno.rawValue == ENODEV } else { false }
    }
}
