import ContainerNetworking
import LinuxSystem
import MetadataStorage
import Reporting
import SystemPackage

/// What a container has of its networks while it runs. The host's ports are held as long as this is.
struct NetworkAttachment: Sendable {
    var endpoints: [Endpoint] = []
    var reservations: [PortReservation] = []
    /// From where the container can be reached, as a path; nil is the host's network.
    var namespace: String?

    /// What a monitor holds in place of this.
    var held: [CInt] { reservations.compactMap(\.descriptor) }

    /// The ports that a program passes on; nil where packet rules do that for all of them.
    var relay: RelayPlan? {
        let holding = reservations.filter { $0.descriptor != nil }
        let routes = holding.enumerated().compactMap { index, reservation -> RelayPlan.Route? in
            guard reservation.binding.isIPv6,
                let endpoint = endpoints.first(where: { $0.document.ports.contains(reservation.binding) })
            else { return nil }
            return RelayPlan.Route(
                listener: index,
                container: reservation.binding.container,
                address: endpoint.relayAddress
            )
        }
        return routes.isEmpty ? nil : RelayPlan(routes: routes, namespace: namespace)
    }
}

extension Networks {
    /// Gives a container that is about to start its networks, in a namespace that is pinned to a file.
    ///
    /// - Parameter active: the containers that somebody looks after; places of others are freed.
    func attach(
        _ member: NetworkMember,
        pinnedAt pin: (String) -> FilePath,
        active: () throws -> Set<String>
    ) throws -> NetworkAttachment {
        if !OwnUserNamespace.isInitial {
            try freeAbandoned(active: active, pin)
            return try attachUserMode(member, pinnedAt: pin(member.id))
        }
        do {
            // What is left of its last run.
            try detach(member.id, pinnedAt: pin(member.id))
            let networks = try member.wishes.map { wish in (try find(wish.network), wish.endpoint) }
            try freeAbandoned(active: active, pin)
            let attachment = try metadata.transaction {
                var attachment = NetworkAttachment()
                for (network, request) in networks { try reserve(member, network, request, in: &attachment) }
                try prepare(attachment.endpoints)
                return attachment
            }
            let space = try ContainerSpace(pinnedAt: pin(member.id))
            for endpoint in attachment.endpoints {
                if let bridge = endpoint.network.plan { try Bridges.connect(endpoint.plan, to: bridge, in: space) }
            }
            awaitNames(attachment.endpoints, in: pin(member.id))
            return attachment
        } catch {
            // The error that brought us here is the one to tell.
            _ = try? detach(member.id, pinnedAt: pin(member.id))
            throw Self.explained(error)
        }
    }

    /// Frees what a container has; the places that it had. Nothing happens where it has nothing.
    @discardableResult
    func detach(_ id: String, pinnedAt pin: FilePath) throws -> [Endpoint] {
        if OwnUserNamespace.isInitial { ContainerSpace.unpin(pin) } else { UserModeNetwork.stop(pin) }
        let endpoints = try endpoints(of: id)
        if endpoints.isEmpty { return [] }
        let gone = endpoints.filter { !$0.isUserMode }
        try takeOff(gone)
        return try metadata.transaction {
            // Somebody else may have been faster.
            let endpoints = try self.endpoints(of: id)
            try metadata.networks.deleteEndpoints(of: id)
            try follow(gone)
            return endpoints
        }
    }

    /// Connects a container that runs to one more network.
    func connect(_ member: NetworkMember, to network: ContainerNetworkState, _ request: EndpointRequest, pid: Int32)
        throws
    {
        if !OwnUserNamespace.isInitial, network.isPredefined {
            throw PlainFailure(
                .unsupported,
                "an ordinary user's container gets the network \(network.name) only when it is started"
            )
        }
        do {
            let endpoint = try metadata.transaction {
                var attachment = NetworkAttachment(endpoints: try endpoints(of: member.id))
                try reserve(member, network, request, in: &attachment)
                let added = Array(attachment.endpoints.suffix(1))
                try prepare(added)
                return added.first
            }
            guard let endpoint, let bridge = network.plan else { return }
            do {
                try join(endpoint, on: bridge) { () throws(NetworkError) in try Self.space(of: pid) }
                awaitNames([endpoint], in: Self.network(of: pid))
            } catch {
                try? disconnect(member.id, from: network)
                throw error
            }
        } catch { throw Self.explained(error) }
    }

    /// Has others find a container by its new name.
    func rename(_ member: NetworkMember) throws {
        try metadata.transaction {
            let endpoints = try endpoints(of: member.id)
            for var endpoint in endpoints {
                endpoint.document.name = member.name
                if endpoint.network.hasNames {
                    let wish = try member.wishes.first { try find($0.network).id == endpoint.network.id }
                    endpoint.document.aliases = member.aliases(wish?.endpoint ?? EndpointRequest())
                }
                try metadata.networks.update(endpoint.row())
            }
            if endpoints.contains(where: \.network.hasNames) { try applyNames() }
        }
    }

    /// Frees the places of containers that nobody looks after any more; what they had.
    ///
    /// - Parameter active: those that somebody looks after. A container has its mark before it has places, and places come in
    ///   a transaction: asked in the transaction that takes them, it tells of one that was started meanwhile.
    @discardableResult
    func freeAbandoned(
        active: () throws -> Set<String>,
        _ pin: (String) -> FilePath
    ) throws -> [Endpoint] {
        let places = Set(try metadata.networks.endpoints().map(\.container))
        if places.isEmpty { return [] }
        return try places.subtracting(active()).flatMap { id in
            try metadata.transaction { try active().contains(id) ? [] : try detach(id, pinnedAt: pin(id)) }
        }
    }

    // MARK: - Parts

    func reserve(
        _ member: NetworkMember,
        _ network: ContainerNetworkState,
        _ request: EndpointRequest,
        in attachment: inout NetworkAttachment
    ) throws {
        guard let plan = network.plan else {
            throw PlainFailure(
                .invalidArgument,
                "container cannot be connected to network \(network.name) besides others"
            )
        }
        if network.hasNames { _ = try NameServer.find() }
        let all = try endpoints()
        let options = network.options
        let taken = network.reserved.union(all.filter { $0.network.id == network.id }.map(\.address))
        let isFirst = !attachment.endpoints.contains(where: \.document.isDefaultRoute)
        let cards = Set(attachment.endpoints.map(\.document.card))
        let address = try Self.address(request, network, plan, taken: taken)
        let ipv6 = try Self.ipv6Address(request, network, taken: all)
        var document = EndpointDocument(
            name: member.name,
            link: "veth" + RandomID.make().prefix(8),
            card: try Self.card(options.cardPrefix, besides: cards),
            hardwareAddress: request.hardwareAddress ?? HardwareAddress.standing(for: address).description,
            isDefaultRoute: isFirst && !plan.isInternal,
            id: RandomID.make()
        )
        if ipv6 != nil, !plan.isInternal {
            document.isDefaultRouteIPv6 = !attachment.endpoints.contains { $0.document.isDefaultRouteIPv6 == true }
        }
        document.linkLocalAddresses = try Self.linkLocal(request, network)
        document.aliases = network.hasNames ? member.aliases(request) : []
        document.servers = member.request.nameServers.filter { IPv4Address($0) != nil }
        let hasPorts = attachment.endpoints.contains { !$0.document.ports.isEmpty }
        if !plan.isInternal, !hasPorts {
            var chooser = PortChooser(taken: all.flatMap(\.document.ports), subject: "\(member.name) (\(document.id))")
            chooser.standardAddress = options.hostAddress ?? PortBinding.any
            chooser.leadsToIPv6 = ipv6 != nil && OwnUserNamespace.isInitial
            chooser.standing = member.standing
            document.ports = try chooser.choose(member.ports)
            attachment.reservations += chooser.reservations
        }
        if !OwnUserNamespace.isInitial {
            document.entrances = Self.entrances(document.ports.filter { !$0.isIPv6 }, taken: all.flatMap(\.entrances))
            if document.servers.isEmpty { document.servers = [UserModeRouter.nameServer.description] }
        }
        let endpoint = Endpoint(
            network: network,
            container: member.id,
            address: address,
            ipv6: ipv6,
            document: document
        )
        let row = try endpoint.row()
        do throws(MetadataError) { try metadata.networks.insert(row) } catch {
            guard case .conflict = error.reason else { throw error }
            throw PlainFailure(
                .conflict,
                "endpoint with name \(member.name) already exists in network \(network.name)"
            )
        }
        attachment.endpoints.append(endpoint)
    }

    /// What a container's end is called. Beside a user-mode network's card, which has the name of one of the host's, it has
    /// another one.
    private static func card(_ prefix: String, besides cards: Set<String>) throws -> String {
        for name in (0...).lazy.map({ "\(prefix)\($0)" }) where !cards.contains(name) {
            if try cards.contains("") && Bridges.has(name) { continue }
            return name
        }
        return prefix + "0"
    }

    /// Makes the bridges that new places need, in an ordinary user's router, and has rules and names follow.
    func prepare(_ endpoints: [Endpoint]) throws {
        if !OwnUserNamespace.isInitial { try startRouter(for: endpoints) }
        let hasPorts = endpoints.contains { !$0.document.ports.isEmpty }
        let plans = endpoints.compactMap(\.network.plan)
        let table = try table()
        let needsRules = try there {
            let missing = try plans.filter { try !Bridges.isReady($0) }
            for plan in missing { try Bridges.make(plan) }
            return try hasPorts || !missing.isEmpty || !Bridges.hasTable(table)
        }
        if needsRules { try applyRules() }
        if endpoints.contains(where: \.network.hasNames) { try applyNames() }
    }

    /// Takes containers' cards away, and what leads to them.
    func takeOff(_ gone: [Endpoint]) throws {
        guard !gone.isEmpty, hasPlace else { return }
        let links = gone.map(\.document.link)
        try there { for link in links { try Bridges.remove(link) } }
        // A router that was killed has no ports.
        try? router.close(gone.flatMap(\.entrances))
    }

    /// Has rules and names follow places that went.
    func follow(_ gone: [Endpoint]) throws {
        if !OwnUserNamespace.isInitial {
            if gone.isEmpty || !router.isThere { return }
            if try !endpoints().contains(where: { !$0.isUserMode }) {
                try names.serve([])
                return router.stop()
            }
        }
        if gone.contains(where: { !$0.document.ports.isEmpty }) { try applyRules(onlyIfThere: true) }
        if gone.contains(where: \.network.hasNames) { try applyNames() }
    }

    /// What can be done where the kernel or a firewall stands in the way.
    private static func explained(_ error: any Error) -> any Error {
        guard let failure = error as? NetworkError else { return error }
        return PlainFailure(
            failure.kind,
            "could not set up the container's network: \(failure.description)",
            hint: "--network none and --network host work without a bridge"
        )
    }
}
