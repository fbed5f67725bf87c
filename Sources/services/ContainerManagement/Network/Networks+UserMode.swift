import ContainerNetworking
import LinuxSystem
import MetadataStorage
import Reporting
import SystemPackage

extension Networks {
    /// Gives an ordinary user's container its networks. What stands for the standard one is a program of the container's
    /// own; the others are in the user's router.
    func attachUserMode(_ member: NetworkMember, pinnedAt pin: FilePath) throws -> NetworkAttachment {
        do {
            try detach(member.id, pinnedAt: pin)
            // The program brings the way out, so it comes first.
            let networks = try member.wishes.map { (try find($0.network), $0.endpoint) }
                .sorted { $0.0.isPredefined && !$1.0.isPredefined }
            let attachment = try metadata.transaction {
                var attachment = NetworkAttachment()
                for (network, request) in networks {
                    if network.isPredefined, let plan = network.plan {
                        try place(member, on: network, plan, in: &attachment)
                    } else {
                        try reserve(member, network, request, in: &attachment)
                    }
                }
                // Ports of version 4 were held for a moment, to see that nobody has them: the programs listen themselves.
                attachment.reservations.removeAll { !$0.binding.isIPv6 }
                attachment.namespace = pin.string
                let routed = attachment.endpoints.filter { !$0.isUserMode }
                if !routed.isEmpty { try prepare(routed) }
                return attachment
            }
            let endpoints = attachment.endpoints
            if let standard = endpoints.first(where: \.isUserMode) {
                try UserModeNetwork.start(
                    pinnedAt: pin,
                    ports: standard.document.ports,
                    forwardsNames: NetworkPlace.hostListensToItselfOnly
                )
            } else if !endpoints.isEmpty {
                _ = try ContainerSpace(pinnedAt: pin)
            }
            for endpoint in endpoints where !endpoint.isUserMode {
                guard let bridge = endpoint.network.plan else { continue }
                try join(endpoint, on: bridge) { () throws(NetworkError) in try ContainerSpace(at: pin) }
            }
            awaitNames(endpoints, in: pin)
            return attachment
        } catch {
            // The error that brought us here is the one to tell.
            _ = try? detach(member.id, pinnedAt: pin)
            guard let failure = error as? NetworkError else { throw error }
            throw PlainFailure(
                failure.kind,
                "could not set up the container's network: \(failure.description)",
                hint: failure.kind == .forbidden
                    ? "an ordinary user has no ports below that of sysctl net.ipv4.ip_unprivileged_port_start" : nil
            )
        }
    }

    /// Has the router there for new places. One that had to be started again is told of everybody else's ports.
    func startRouter(for new: [Endpoint]) throws {
        guard try router.start() else { return }
        let known = Set(new.map(\.document.id))
        for endpoint in try endpoints() where !known.contains(endpoint.document.id) {
            for entrance in endpoint.entrances { try router.open(entrance) }
        }
    }

    /// Gives a container a card where the networks are, and a router's ports that lead to it.
    func join(
        _ endpoint: Endpoint,
        on bridge: BridgePlan,
        in space: @escaping @Sendable () throws(NetworkError) -> ContainerSpace
    ) throws {
        let plan = endpoint.plan
        try there {
            let space = try space()
            try Bridges.connect(plan, to: bridge, in: space)
        }
        for entrance in endpoint.entrances { try router.open(entrance) }
    }

    /// The router's ports for those of the host's: the same numbers, where nobody has them.
    static func entrances(_ ports: [PortBinding], taken: [RouterEntrance]) -> [UInt16] {
        var taken = taken.map(\.inside)
        return ports.map { binding in
            let isFree = { (number: UInt16) in
                let inside = RouterEntrance(binding, port: number).inside
                return !taken.contains { $0.collides(with: inside) }
            }
            let number =
                isFree(binding.hostPort)
                ? binding.hostPort : (1024...UInt16.max).first(where: isFree) ?? binding.hostPort
            taken.append(RouterEntrance(binding, port: number).inside)
            return number
        }
    }

    /// What is kept of it. The address says only which place it is: inside are the host's.
    private func place(
        _ member: NetworkMember,
        on network: ContainerNetworkState,
        _ plan: BridgePlan,
        in attachment: inout NetworkAttachment
    ) throws {
        let all = try endpoints()
        guard let address = plan.freeAddress(taken: Set(all.map(\.address))) else {
            throw PlainFailure(.exhausted, "no more containers can have a network")
        }
        let id = RandomID.make()
        var chooser = PortChooser(taken: all.flatMap(\.document.ports), subject: "\(member.name) (\(id))")
        var document = EndpointDocument(
            name: member.name,
            link: "",
            card: "",
            hardwareAddress: "",
            isDefaultRoute: true,
            id: id
        )
        document.ports = try chooser.choose(member.ports)
        let endpoint = Endpoint(network: network, container: member.id, address: address, document: document)
        try metadata.networks.insert(try endpoint.row())
        attachment.endpoints.append(endpoint)
        attachment.reservations += chooser.reservations
    }
}

extension Endpoint {
    /// Whether a program stands for the network, and there is neither bridge nor card of ours.
    var isUserMode: Bool { document.link.isEmpty }
}
