/// What carries a port's packets.
package enum PortProtocol: String, Codable, Sendable, Hashable, CaseIterable { case tcp, udp, sctp }

/// A port of a container.
package struct ContainerPort: Codable, Sendable, Hashable, Comparable, CustomStringConvertible {
    package var number: UInt16
    package var `protocol`: PortProtocol

    package init(_ number: UInt16, _ protocol: PortProtocol = .tcp) {
        self.number = number
        self.protocol = `protocol`
    }

    /// `80/tcp`, `80`
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let number = UInt16(parts[0]), number > 0, parts.count <= 2 else { return nil }
        guard let kind = parts.count == 1 ? .tcp : PortProtocol(rawValue: parts[1].lowercased()) else { return nil }
        self.init(number, kind)
    }

    package var description: String { "\(number)/\(`protocol`.rawValue)" }

    package static func < (one: ContainerPort, other: ContainerPort) -> Bool {
        (one.number, one.protocol.rawValue) < (other.number, other.protocol.rawValue)
    }
}

/// A wish for a port of the host's that leads to one of a container's.
package struct PublishedPort: Codable, Sendable, Hashable {
    /// The host's address; empty is any.
    package var hostAddress: String
    /// Ports of the host's to choose from; nil is any free one.
    package var hostPorts: ClosedRange<UInt16>?
    package var container: ContainerPort

    /// Whether it is for addresses of version 6 only.
    package var isIPv6: Bool { if case .v6 = IPAddress(hostAddress) { true } else { false } }

    package init(hostAddress: String = "", hostPorts: ClosedRange<UInt16>? = nil, container: ContainerPort) {
        self.hostAddress = hostAddress
        self.hostPorts = hostPorts
        self.container = container
    }
}

/// A port of the host's that leads to one of a container's.
package struct PortBinding: Codable, Sendable, Hashable {
    /// The host's address; `0.0.0.0` is any of version 4, `::` any of version 6.
    package var hostAddress: String
    package var hostPort: UInt16
    package var container: ContainerPort

    package init(hostAddress: String, hostPort: UInt16, container: ContainerPort) {
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.container = container
    }

    /// Whether the two can't be at once.
    package func collides(with other: PortBinding) -> Bool {
        hostPort == other.hostPort && container.protocol == other.container.protocol
            && isIPv6 == other.isIPv6 && (hostAddress == other.hostAddress || isForAny || other.isForAny)
    }

    package static let any = "0.0.0.0"
    package static let anyIPv6 = "::"

    package var isIPv6: Bool { hostAddress.contains(":") }
    /// Whether it is for all of the host's addresses of its version.
    var isForAny: Bool { hostAddress == Self.any || hostAddress == Self.anyIPv6 }

    /// `0.0.0.0:8080`, `[::1]:8080`
    package var host: String { isIPv6 ? "[\(hostAddress)]:\(hostPort)" : "\(hostAddress):\(hostPort)" }
}
