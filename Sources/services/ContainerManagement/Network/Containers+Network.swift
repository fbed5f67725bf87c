import ContainerMonitor
import ContainerNetworking
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

    /// Gives a container that is about to start its network, and has its specification join it. Whoever starts it holds
    /// what is returned while it runs; `disconnect` takes everything back.
    func connect(_ id: String, _ document: ContainerDocument, to spec: inout RuntimeSpec) throws -> NetworkAttachment {
        switch document.request.network {
        case .none, .host: return NetworkAttachment()
        case .container(let name):
            let target = try joinable(name)
            guard case .running(let pid, _) = target.state else {
                throw PlainFailure(.conflict, "cannot join network of a non running container: \(target.id)")
            }
            spec.join(network: "/proc/\(pid)/ns/net")
            // What the other one set stays.
            spec.linux?.sysctl = document.request.sysctls.isEmpty ? nil : document.request.sysctls
            return NetworkAttachment()
        case .network:
            let active = try openActive()
            let attachment = try networks.attach(
                try member(id, document),
                pinnedAt: pin,
                active: Set(try ActiveMark.all(in: active))
            )
            try writeFiles(id, document, attachment.endpoints)
            spec.join(network: pin(id).string)
            return attachment
        }
    }

    /// Takes back what a container has of networks, which may be nothing.
    func disconnect(_ id: String) throws { try networks.detach(id, pinnedAt: pin(id)) }

    private func member(_ id: String, _ document: ContainerDocument) throws -> NetworkMember {
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
        let files = try NetworkFiles(
            document.request,
            hostname: document.hostname,
            place: NetworkPlace(endpoints, hostname: document.hostname, domain: document.config.domainname),
            host: NetworkFiles.read
        )
        try files.overwrite(in: try Directory.open(folder(id)))
    }

    // MARK: - network connect, network disconnect

    /// Connects a container to one more network: now where it runs, and whenever it is started.
    package func connect(_ text: String, to network: String, _ request: EndpointRequest) throws {
        let container = try find(text)
        let network = try networks.find(network)
        var document = container.document
        guard case .network(let first) = document.request.network, network.plan != nil else {
            throw PlainFailure(
                .forbidden,
                "container sharing network namespace with another container or host cannot be connected to any other network"
            )
        }
        let names = [first] + document.request.connection.others.keys
        if try names.contains(where: { try networks.find($0).id == network.id }) {
            throw PlainFailure(
                .forbidden,
                "endpoint with name \(container.name) already exists in network \(network.name)"
            )
        }
        document.request.connection.others[network.name] = request
        try document.request.checkNetwork()
        if case .running(let pid, _) = container.state {
            try networks.connect(try member(container.id, document), to: network, request, pid: pid)
            try writeFiles(container.id, document, try networks.endpoints(of: container.id))
        }
        try replace(document, of: container)
    }

    /// Takes a container off a network.
    package func disconnect(_ text: String, from network: String) throws {
        let container = try find(text)
        let network = try networks.find(network)
        var document = container.document
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
            }
        } else if let key = try document.request.connection.others.keys.first(where: isThis) {
            document.request.connection.others[key] = nil
        } else {
            throw PlainFailure(
                .forbidden,
                "container \(container.id) is not connected to network \(network.name)"
            )
        }
        try networks.disconnect(container.id, from: network)
        if container.isRunning { try writeFiles(container.id, document, try networks.endpoints(of: container.id)) }
        try replace(document, of: container)
    }

    private func replace(_ document: ContainerDocument, of container: Container) throws {
        guard var row = try metadata.containers.row(container.id) else { return }
        row.document = try JSON.encode(document)
        try metadata.containers.update(row)
    }

    /// The networks that containers name, whether they run or not.
    package func networksInUse() throws -> Set<String> {
        var names: Set<String> = []
        for row in try metadata.containers.all() {
            let request = try container(row).document.request
            names.formUnion([request.network.rawValue] + request.connection.others.keys)
        }
        return names
    }

    /// Frees the places of containers that ended while nobody was there to do so.
    package func freeAbandonedPlaces() throws {
        try settleAbandoned()
        try networks.sweep(active: Set(try ActiveMark.all(in: openActive())), pin)
    }

    /// The containers on a network, for `network inspect`.
    package func networkMembers(_ network: ContainerNetworkState) throws -> [NetworkMemberState] {
        try freeAbandonedPlaces()
        return try networks.endpoints().filter { $0.network.id == network.id }.map { endpoint in
            NetworkMemberState(
                container: endpoint.container,
                name: endpoint.document.name,
                endpoint: endpoint.document.id,
                hardwareAddress: endpoint.document.hardwareAddress,
                address: "\(endpoint.address)/\(network.plan?.subnet.prefix ?? 32)"
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
}

extension RuntimeSpec {
    /// Takes a network namespace that is there instead of a new one.
    fileprivate mutating func join(network path: String) { linux?.join(.network, at: path) }
}
