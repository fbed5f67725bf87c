import ContainerNetworking

/// What a container's own files say about where it is.
struct NetworkPlace: Equatable {
    /// The host, as the container reaches it.
    var gateway: String?
    /// Who knows the names of other containers.
    var nameServer: String?
    /// Lines for `/etc/hosts`.
    var lines = ""

    /// Whether the host asks a name server that listens on its own loopback address, where containers can't reach it.
    static var hostListensToItselfOnly: Bool {
        let servers = ResolverText(NetworkFiles.read().resolver ?? []).nameServers
        return !servers.isEmpty && servers.allSatisfy(ResolverText.isUnreachable)
    }

    init(_ endpoints: [Endpoint], hostname: String, domain: String) {
        let names = Self.names(hostname, domain)
        if endpoints.first?.isUserMode == true {
            if Self.hostListensToItselfOnly { nameServer = UserModeNetwork.nameServer }
            // Inside are the host's addresses; its own name means the container.
            lines = "127.0.1.1\t\(names)\n"
            return
        }
        gateway = endpoints.first?.network.plan?.gateway.description
        nameServer = endpoints.first { $0.network.hasNames }?.network.plan?.gateway.description
        lines = endpoints.map { endpoint in
            "\(endpoint.address)\t\(names)\n" + (endpoint.ipv6.map { "\($0)\t\(names)\n" } ?? "")
        }.joined()
    }

    /// The whole name and, where it has a domain, the name without.
    static func names(_ hostname: String, _ domain: String) -> String {
        let whole = domain.isEmpty ? hostname : "\(hostname).\(domain)"
        guard let dot = whole.firstIndex(of: "."), dot != whole.startIndex else { return whole }
        return "\(whole) \(whole[..<dot])"
    }
}
