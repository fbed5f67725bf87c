import ContainerNetworking
import LinuxSystem
import MetadataStorage
import SystemPackage

extension Networks {
    /// Makes the name server know what the database knows.
    func applyNames() throws {
        let all = try endpoints()
        let groups = Dictionary(grouping: all.filter(\.network.hasNames), by: \.network)
        let outgoing = Set(all.filter { $0.network.plan?.isInternal == false }.map(\.container))
        let zones = groups.compactMap { network, endpoints in
            network.plan.map { NameZone.make($0, endpoints, outgoing: outgoing) }
        }
        let names = names
        try there { try names.serve(zones) }
    }

    /// Ends name servers that nobody needs. Who is killed within a transaction leaves one that the database doesn't know of.
    func settleNames() throws {
        if hasPlace { try applyNames() } else { try names.serve([]) }
    }

    /// Waits until the name servers know a container that came, whose program may ask for its own name at once. The server
    /// reads its files when it comes to it. Where it takes too long, the program is started all the same.
    ///
    /// - Parameter namespace: where the container's network is. The server answers those that are on a network.
    func awaitNames(_ endpoints: [Endpoint], in namespace: FilePath) {
        for endpoint in endpoints where endpoint.network.hasNames {
            guard let server = endpoint.network.plan?.gateway else { continue }
            // A name without capitals and dots, which everybody has.
            let name = String(endpoint.container.prefix(NetworkMember.shortIDLength))
            try? NameQuestion(name, of: server).wait(in: namespace)
        }
    }
}

/// The names on a network, for its name server.
enum NameZone {
    /// - Parameter outgoing: the containers that have a network with a way out, this one or another.
    static func make(_ plan: BridgePlan, _ endpoints: [Endpoint], outgoing: Set<String>) -> NameServer.Zone {
        NameServer.Zone(
            network: plan.id,
            gateway: plan.gateway,
            entries: endpoints.map { endpoint in
                NameServer.Zone.Entry(
                    id: endpoint.container,
                    address: endpoint.address,
                    ipv6: endpoint.ipv6,
                    names: endpoint.document.aliases.filter(NameServer.accepts),
                    // Questions of who has no way out must not go out either: nobody answers there.
                    servers: outgoing.contains(endpoint.container) ? endpoint.document.servers : ["127.255.255.254"]
                )
            }
        )
    }
}
