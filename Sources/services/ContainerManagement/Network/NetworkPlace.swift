import ContainerNetworking

/// What a container's own files say about where it is.
struct NetworkPlace: Equatable {
    /// The host, as the container reaches it.
    var gateway: String?
    /// Who knows the names of other containers.
    var nameServer: String?
    /// Lines for `/etc/hosts`.
    var lines = ""

    init(_ endpoints: [Endpoint], hostname: String, domain: String) {
        gateway = endpoints.first?.network.plan?.gateway.description
        nameServer = endpoints.first { $0.network.hasNames }?.network.plan?.gateway.description
        let names = domain.isEmpty ? hostname : "\(hostname).\(domain) \(hostname)"
        lines = endpoints.map { "\($0.address)\t\(names)\n" }.joined()
    }
}
