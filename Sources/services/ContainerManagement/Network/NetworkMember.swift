import ContainerNetworking
import OCISpec
import Reporting

/// A container as its networks see it.
struct NetworkMember {
    var id: String
    var name: String
    /// What it calls itself.
    var hostname: String
    var request: RunRequest
    /// Ports that the image or the user exposes.
    var exposed: [ContainerPort]
    /// What is held for it since its start; nil where it doesn't run yet.
    var standing: StandingPorts?

    init(id: String, name: String, hostname: String, request: RunRequest, config: ContainerConfig) {
        self.id = id
        self.name = name
        self.hostname = hostname
        self.request = request
        let image = config.exposedPorts.compactMap { ContainerPort($0) }
        exposed = Set(image + request.connection.exposed).sorted()
    }

    /// The networks that it wants, the one with the way out first.
    var wishes: [(network: String, endpoint: EndpointRequest)] {
        guard case .network(let first) = request.network else { return [] }
        let others = request.connection.others.sorted { $0.key < $1.key }.map { (network: $0.key, endpoint: $0.value) }
        return [(network: first, endpoint: request.connection.endpoint)] + others
    }

    /// The ports of the host's that it wants.
    var ports: [PublishedPort] {
        let connection = request.connection
        // What passes on ports of version 6 knows those that it was started with.
        let wishes = connection.ports.filter { wish in
            guard let standing, wish.isIPv6 else { return true }
            return standing.bindings.contains { $0.isIPv6 && $0.container == wish.container }
        }
        guard connection.publishesAll else { return wishes }
        let named = Set(connection.ports.map(\.container))
        return wishes + exposed.filter { !named.contains($0) }.map { PublishedPort(container: $0) }
    }

    static let shortIDLength = 12

    /// The names that others on a network find it by.
    func aliases(_ endpoint: EndpointRequest) -> [String] {
        var names: [String] = []
        for name in [self.name] + endpoint.aliases + [String(id.prefix(Self.shortIDLength)), hostname]
        where !name.isEmpty && !names.contains(name) {
            names.append(name)
        }
        return names
    }
}

extension RunRequest {
    /// Refuses what doesn't go together, in Docker's words.
    func checkNetwork() throws(PlainFailure) {
        let connection = connection
        let hasPorts = !connection.ports.isEmpty || connection.publishesAll
        switch network {
        case .container:
            if hostname != nil { throw Self.conflict("hostname and the network mode") }
            if !nameServers.isEmpty { throw Self.conflict("dns and the network mode") }
            if !extraHosts.isEmpty { throw Self.conflict("custom host-to-IP mapping and the network mode") }
            if connection.endpoint.hardwareAddress != nil { throw Self.conflict("mac-address and the network mode") }
            if hasPorts { throw Self.conflict("port publishing and the container type network mode") }
            if !connection.exposed.isEmpty { throw Self.conflict("port exposing and the container type network mode") }
        case .host, .none:
            if connection.endpoint.hardwareAddress != nil, network == .host {
                throw Self.conflict("mac-address and the network mode")
            }
        case .network: break
        }
        try check(connection.endpoint, network: network.rawValue)
        for (name, endpoint) in connection.others { try check(endpoint, network: name) }
    }

    private func check(_ endpoint: EndpointRequest, network: String) throws(PlainFailure) {
        let isOwn = !NetworkNames.predefined.contains(network) && !network.hasPrefix("container:")
        if endpoint.address != nil || endpoint.ipv6Address != nil, !isOwn {
            throw PlainFailure(
                .invalidArgument,
                "user specified IP address is supported on user defined networks only"
            )
        }
        if !endpoint.aliases.isEmpty, !isOwn {
            throw PlainFailure(
                .invalidArgument,
                "network-scoped aliases are only supported for user-defined networks"
            )
        }
        for alias in endpoint.aliases where !NameServer.accepts(alias) {
            throw PlainFailure(.invalidArgument, "invalid network alias \"\(alias)\"")
        }
        if let text = endpoint.address, IPv4Address(text) == nil {
            throw PlainFailure(.invalidArgument, "invalid IPv4 address: \(text)")
        }
        if let text = endpoint.ipv6Address, IPv6Address(text).map({ $0.mapped != nil }) ?? true {
            throw PlainFailure(.invalidArgument, "invalid IPv6 address: \(text)")
        }
        if let texts = endpoint.linkLocalAddresses, texts.contains(where: { IPAddress($0) == nil }) {
            throw PlainFailure(
                .invalidArgument,
                "invalid link-local IP address: [\(texts.joined(separator: " "))]"
            )
        }
        if let text = endpoint.hardwareAddress, HardwareAddress(text) == nil {
            throw PlainFailure(.invalidArgument, "\(text) is not a valid mac address")
        }
    }

    private static func conflict(_ what: String) -> PlainFailure {
        PlainFailure(.invalidArgument, "conflicting options: \(what)")
    }
}
