package import OCISpec

/// A registry by the name that references have for it, and where it is reached.
package struct RegistryHost: Hashable, Sendable {
    /// `docker.io`, `localhost:5000`.
    package let name: String

    package init(_ name: String) { self.name = name }

    /// Docker Hub, whose name isn't its address.
    package static let dockerHub = RegistryHost("docker.io")

    /// Host and port of the registry's interface.
    var address: String { self == .dockerHub ? "registry-1.docker.io" : name }

    /// What credentials are kept under: Docker Hub's has the form of the first registries.
    package var credentialKey: String { self == .dockerHub ? "https://index.docker.io/v1/" : name }

    /// The host without its port, without an IPv6 address's brackets.
    package var hostName: String {
        if name.hasPrefix("[") { return String(name.dropFirst().prefix { $0 != "]" }) }
        return String(name.prefix { $0 != ":" })
    }

    /// Whether it is this machine by its name: such registries may be asked without TLS.
    package var isLoopback: Bool {
        let host = hostName
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension ImageReference {
    /// The registry that it names.
    package var registry: RegistryHost { RegistryHost(domain) }
}
