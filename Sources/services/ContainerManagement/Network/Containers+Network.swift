import ContainerMonitor
import ContainerNetworking
import EventStorage
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SystemPackage

extension Containers {
    /// The networks of the store.
    package var networks: Networks { Networks(root: root, metadata: metadata) }

    /// Where a container's network namespace is pinned.
    func pin(_ id: String) -> FilePath { folder(id).appending("network") }

    /// Gives a container that is about to start its network, and has its monitor know of it. Whoever starts it holds
    /// what is returned while it runs; `disconnect` takes everything back.
    func connect(_ id: String, _ document: ContainerDocument, to order: inout MonitorOrder) throws -> NetworkAttachment
    {
        try join(document, &order.spec)
        switch document.request.network {
        case .none, .host: return NetworkAttachment()
        case .container(let name):
            let target = try joinable(name)
            guard case .running(let pid, _) = target.state else {
                throw PlainFailure(.conflict, "cannot join network of a non running container: \(target.id)")
            }
            order.spec.join(network: "/proc/\(pid)/ns/net")
            // What the other one set stays.
            order.spec.linux?.sysctl = document.request.sysctls.isEmpty ? nil : document.request.sysctls
            return NetworkAttachment()
        case .network:
            let attachment = try networks.attach(try member(id, document), pinnedAt: pin, active: active)
            for endpoint in attachment.endpoints { tell("connect", id, endpoint.network) }
            try StandingPorts.write(attachment.reservations, in: folder(id))
            try writeFiles(id, document, attachment.endpoints)
            order.spec.join(network: pin(id).string)
            order.relay = attachment.relay
            order.relay?.folder = folder(id).string
            return attachment
        }
    }

    /// Takes back what a container has of networks, which may be nothing.
    func disconnect(_ id: String) throws {
        for endpoint in try networks.detach(id, pinnedAt: pin(id)) { tell("disconnect", id, endpoint.network) }
    }

    /// Writes down that a container came to a network, or left it.
    private func tell(_ action: String, _ id: String, _ network: ContainerNetworkState) {
        let attributes = ["container": id, "name": network.name, "type": network.document.driver]
        tell(.network, action, network.id, attributes)
    }

    func member(_ id: String, _ document: ContainerDocument) throws -> NetworkMember {
        NetworkMember(
            id: id,
            name: try metadata.containers.row(id)?.name ?? "",
            hostname: document.hostname,
            request: document.request,
            config: document.config
        )
    }

    /// The container whose network another one wants.
    func joinable(_ name: String) throws -> Container {
        guard let row = try metadata.containers.row(name) else {
            throw PlainFailure(.notFound, "No such container: \(name)")
        }
        return try container(row)
    }

    /// Writes what programs find about the network into files that the container has mounted.
    private func writeFiles(_ id: String, _ document: ContainerDocument, _ endpoints: [Endpoint]) throws {
        var place = NetworkPlace(endpoints, hostname: document.hostname, domain: document.config.domainname)
        // Servers that the user names are asked by the container itself where no name server of ours knows others.
        if endpoints.first?.isUserMode == true, !document.request.nameServers.isEmpty { place.nameServer = nil }
        let files = try NetworkFiles(
            document.request,
            hostname: document.hostname,
            place: place,
            host: NetworkFiles.read
        )
        try files.overwrite(in: try Directory.open(folder(id)))
    }

    // MARK: - network connect, network disconnect

    /// Connects a container to one more network: now where it runs, and whenever it is started.
    package func connect(_ text: String, to network: String, _ request: EndpointRequest) throws {
        let id = try find(text).id
        try changeDocument(of: id) { container, document in
            try connect(container, &document, to: try networks.find(network), request)
        }
    }

    private func connect(
        _ container: Container,
        _ document: inout ContainerDocument,
        to network: ContainerNetworkState,
        _ request: EndpointRequest
    ) throws {
        try requireJoinable(network, document.request, request)
        if try document.request.networkNames.contains(where: { try networks.find($0).id == network.id }) {
            throw PlainFailure(
                .forbidden,
                "endpoint with name \(container.name) already exists in network \(network.name)"
            )
        }
        document.request.join(network.name, request)
        try document.request.checkNetwork()
        if case .running(let pid, _) = container.state {
            var member = try member(container.id, document)
            let standing = StandingPorts(in: folder(container.id), process: pid)
            member.standing = standing
            do { try networks.connect(member, to: network, request, pid: pid) } catch {
                try? standing.follow(try networks.endpoints(of: container.id), in: folder(container.id))
                throw error
            }
            tell("connect", container.id, network)
            let endpoints = try networks.endpoints(of: container.id)
            try standing.follow(endpoints, in: folder(container.id))
            try writeFiles(container.id, document, endpoints)
        }
    }

    /// Refuses, in Docker's words, what can't be together.
    private func requireJoinable(
        _ network: ContainerNetworkState,
        _ container: RunRequest,
        _ endpoint: EndpointRequest
    ) throws(PlainFailure) {
        let isDetached = container.connection.isDetached == true
        let words: String? =
            switch (container.network, network.document.driver) {
            case (_, "host"), (.host, _):
                "container cannot be disconnected from host network or connected to host network"
            case (.none, _) where !isDetached, (_, "null"):
                "container cannot be connected to multiple networks with one of the networks in private (none) mode"
            case (.container, _):
                "container sharing network namespace with another container or host cannot be connected to any other network"
            default: nil
            }
        if let words { throw PlainFailure(.forbidden, words) }
        try network.requireChosenSubnet(for: endpoint)
    }

    /// Takes a container off a network.
    ///
    /// - Parameter isForced: first takes off whatever isn't there any more; nobody need have noticed yet that it ended.
    package func disconnect(_ text: String, from network: String, isForced: Bool = false) throws {
        if isForced { try freeAbandonedPlaces() }
        let id = try find(text).id
        try changeDocument(of: id) { container, document in
            try disconnect(container, &document, from: try networks.find(network))
        }
    }

    private func disconnect(
        _ container: Container,
        _ document: inout ContainerDocument,
        from network: ContainerNetworkState
    ) throws {
        let isThis = { (name: String) in try networks.find(name).id == network.id }
        if case .network(let first) = document.request.network, try isThis(first) {
            // The next one is the first then.
            if let next = document.request.connection.others.min(by: { $0.key < $1.key }) {
                document.request.network = .network(next.key)
                document.request.connection.endpoint = next.value
                document.request.connection.others[next.key] = nil
            } else {
                document.request.network = .none
                document.request.connection.endpoint = EndpointRequest()
                document.request.connection.isDetached = true
            }
        } else if let key = try document.request.connection.others.keys.first(where: isThis) {
            document.request.connection.others[key] = nil
        } else {
            throw PlainFailure(
                .forbidden,
                "container \(container.id) is not connected to the network \(network.name)"
            )
        }
        if case .running(let pid, _) = container.state {
            try networks.disconnect(container.id, from: network, pid: pid)
            tell("disconnect", container.id, network)
            let endpoints = try networks.endpoints(of: container.id)
            try StandingPorts(in: folder(container.id), process: pid).follow(endpoints, in: folder(container.id))
            try writeFiles(container.id, document, endpoints)
        } else {
            try networks.disconnect(container.id, from: network)
        }
    }

    /// The networks that containers name, whether they run or not.
    package func networksInUse() throws -> Set<String> {
        var names: Set<String> = []
        for row in try metadata.containers.all() {
            names.formUnion(try container(row).document.request.networkNames)
        }
        return names
    }

    /// Frees the places of containers that ended while nobody was there to do so.
    package func freeAbandonedPlaces() throws {
        try settleAbandoned()
        for endpoint in try networks.freeAbandoned(active: active, pin) {
            tell("disconnect", endpoint.container, endpoint.network)
        }
    }

    /// The containers that somebody looks after.
    private func active() throws -> Set<String> { Set(try ActiveMark.all(in: openActive())) }

    /// The containers on a network, for `network inspect`.
    package func networkMembers(_ network: ContainerNetworkState) throws -> [NetworkMemberState] {
        try freeAbandonedPlaces()
        return try networks.endpoints().filter { $0.network.id == network.id }.map { endpoint in
            NetworkMemberState(
                container: endpoint.container,
                name: endpoint.document.name,
                endpoint: endpoint.document.id,
                hardwareAddress: endpoint.document.hardwareAddress,
                address: "\(endpoint.address)/\(network.plan?.subnet.prefix ?? 32)",
                ipv6Address: endpoint.ipv6.map { "\($0)/\(network.plan?.ipv6?.subnet.prefix ?? 128)" } ?? ""
            )
        }
    }
}

/// A container on a network.
package struct NetworkMemberState: Sendable, Hashable {
    package var container: String
    package var name: String
    package var endpoint: String
    package var hardwareAddress: String
    /// With the subnet's prefix.
    package var address: String
    /// The same of version 6; empty where it has none.
    package var ipv6Address: String
}

extension RuntimeSpec {
    /// Takes a network namespace that is there instead of a new one.
    fileprivate mutating func join(network path: String) { linux?.join(.network, at: path) }
}

extension RunRequest {
    /// The networks that it is on, the first one first.
    fileprivate var networkNames: [String] { [network.rawValue] + connection.others.keys }

    /// Puts it on one more network, which is its first where it was taken off all others.
    fileprivate mutating func join(_ name: String, _ endpoint: EndpointRequest) {
        if network == .none {
            network = .network(name)
            connection.endpoint = endpoint
            connection.isDetached = nil
        } else {
            connection.others[name] = endpoint
        }
    }
}
