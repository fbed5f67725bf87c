package import ContainerNetworking

/// Which network a container sees.
package enum NetworkMode: RawRepresentable, Codable, Sendable, Hashable {
    /// A namespace of its own with nothing but `lo`.
    case none
    /// The host's.
    case host
    /// That of another container, by name or ID.
    case container(String)
    /// One that containers share, by name or ID.
    case network(String)

    /// The network that is there without being made.
    package static let bridge = NetworkMode.network("bridge")

    package init(rawValue: String) {
        switch rawValue {
        case "none": self = .none
        case "host": self = .host
        case "default", "": self = .bridge
        default:
            let prefix = "container:"
            let isContainer = rawValue.hasPrefix(prefix)
            self = isContainer ? .container(String(rawValue.dropFirst(prefix.count))) : .network(rawValue)
        }
    }

    /// The container whose network it is.
    var container: String? { if case .container(let name) = self { name } else { nil } }

    package var rawValue: String {
        switch self {
        case .none: "none"
        case .host: "host"
        case .container(let name): "container:" + name
        case .network(let name): name
        }
    }
}

/// What a container wants of the networks that it is on.
package struct ContainerNetwork: Codable, Sendable, Hashable {
    /// On the first network.
    package var endpoint = EndpointRequest()
    /// On further networks, by name or ID.
    package var others: [String: EndpointRequest] = [:]
    package var ports: [PublishedPort] = []
    /// Whether every port that the image or the user exposes gets a port of the host's.
    package var publishesAll = false
    /// `80/tcp`, besides those of the image.
    package var exposed: [ContainerPort] = []
    /// Whether it was taken off its last network, and may join others; nil as false.
    package var isDetached: Bool?

    package init() {}

    /// What is published is exposed too.
    var allExposed: [ContainerPort] { exposed + ports.map(\.container) }
}

/// What a container wants to be on a network.
package struct EndpointRequest: Codable, Sendable, Hashable {
    /// An address of version 4; nil is any free one.
    package var address: String?
    /// An address of version 6; nil is any free one.
    package var ipv6Address: String?
    /// Further addresses, which mean something on the network only; nil as none.
    package var linkLocalAddresses: [String]?
    package var hardwareAddress: String?
    /// Names that others find it by, besides its own.
    package var aliases: [String] = []

    package static func isHardwareAddress(_ text: String) -> Bool { HardwareAddress(text) != nil }

    package init(address: String? = nil, hardwareAddress: String? = nil, aliases: [String] = []) {
        self.address = address
        self.hardwareAddress = hardwareAddress
        self.aliases = aliases
    }
}
