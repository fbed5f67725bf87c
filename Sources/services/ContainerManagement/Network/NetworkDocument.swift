import ContainerNetworking
import MetadataStorage
import OCISpec
import Reporting

/// What is kept of a network besides its row.
package struct NetworkDocument: Codable, Sendable, Hashable {
    package var driver = "bridge"
    /// nil for a driver without addresses.
    package var subnet: String?
    package var gateway: String?
    package var range: String?
    /// Whether its maker chose the subnet; nil as false. Only then can containers choose addresses.
    package var isSubnetChosen: Bool?
    /// Addresses of version 6; nil where it speaks version 4 only.
    package var ipv6: IPv6?
    package var isInternal = false
    package var isAttachable = false
    package var labels: [String: String] = [:]
    package var options: [String: String] = [:]
    /// What the bridge is called on the host.
    package var link = ""
    /// Addresses of version 4 that no container gets, by what has them; nil as none.
    package var reserved: [String: String]?
    /// What its maker told the driver of addresses, which has no options; nil as nothing.
    package var ipamOptions: [String: String]?

    /// A network's addresses of version 6.
    package struct IPv6: Codable, Sendable, Hashable {
        package var subnet: String
        package var gateway: String
        package var range: String?
        /// Addresses that no container gets, by what has them; nil as none.
        package var reserved: [String: String]?
        /// Whether its maker chose the subnet.
        package var isSubnetChosen = false

        package init(subnet: String, gateway: String) {
            self.subnet = subnet
            self.gateway = gateway
        }

        var plan: IPv6Plan? {
            guard let subnet = IPv6Subnet(subnet), let gateway = IPv6Address(gateway) else { return nil }
            return IPv6Plan(subnet: subnet, gateway: gateway, range: range.flatMap { IPv6Subnet($0) })
        }
    }
}

/// A network as the store knows it.
package struct ContainerNetworkState: Sendable, Hashable {
    package var id: String
    package var name: String
    package var createdAt: Int64
    package var document: NetworkDocument

    init(_ row: NetworkRow) throws {
        id = row.id
        name = row.name
        createdAt = row.createdAt
        document = try JSON.decode(NetworkDocument.self, from: row.document)
    }

    /// Whether it is one of those that are always there.
    package var isPredefined: Bool { NetworkNames.predefined.contains(name) }
    /// Whether containers find each other by name.
    var hasNames: Bool { !isPredefined }

    /// Refuses addresses that a container chose where the subnet may be another one tomorrow.
    func requireChosenSubnet(for request: EndpointRequest) throws(PlainFailure) {
        let isChosen = request.address == nil || document.isSubnetChosen == true
        if isChosen, request.ipv6Address == nil || document.ipv6?.isSubnetChosen == true { return }
        throw PlainFailure(
            .forbidden,
            "user specified IP address is supported only when connecting to networks with user configured subnets"
        )
    }

    /// nil where the network has no bridge.
    var plan: BridgePlan? {
        guard let subnet = document.subnet.flatMap({ IPv4Subnet($0) }),
            let gateway = document.gateway.flatMap({ IPv4Address($0) })
        else { return nil }
        var plan = BridgePlan(
            id: id,
            link: document.link,
            subnet: subnet,
            gateway: gateway,
            range: document.range.flatMap { IPv4Subnet($0) },
            isInternal: document.isInternal
        )
        let options = options
        (plan.masquerades, plan.connects, plan.mtu) = (options.masquerades, options.connects, options.mtu)
        plan.ipv6 = document.ipv6?.plan
        return plan
    }

    /// What is said of its bridge, which was right when it was made.
    var options: BridgeOptions {
        (try? BridgeOptions(document.options)) ?? BridgeOptions()
    }
    /// Addresses that others than containers have.
    var reserved: Set<IPv4Address> { Set((document.reserved ?? [:]).values.compactMap { IPv4Address($0) }) }
    /// The same of version 6.
    var reservedIPv6: Set<IPv6Address> { Set((document.ipv6?.reserved ?? [:]).values.compactMap { IPv6Address($0) }) }
}

/// Names that mean something by themselves.
enum NetworkNames {
    static let predefined: Set<String> = ["bridge", "host", "none"]
    /// What no network can be called: `default` stands for the one that containers get without asking.
    static let reserved = predefined.union(["default"])

    /// Docker's rule for names.
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, isWord(first) else { return false }
        return name.utf8.allSatisfy { isWord($0) || "_.-".utf8.contains($0) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}

/// What is kept of a container's place on a network.
struct EndpointDocument: Codable, Sendable, Hashable {
    /// The container's name.
    var name: String
    /// The host's end.
    var link: String
    /// The container's end.
    var card: String
    var hardwareAddress: String
    var isDefaultRoute: Bool
    /// Whether the way to everywhere in version 6 leads through it; nil as false.
    var isDefaultRouteIPv6: Bool?
    /// Further addresses, which mean something on this network only; nil as none.
    var linkLocalAddresses: [String]?
    /// Names that others find it by.
    var aliases: [String] = []
    /// Name servers that it asks about other names.
    var servers: [String] = []
    var ports: [PortBinding] = []
    /// For each of the ports the one of an ordinary user's router that it leads to; nil on networks of the host's.
    var entrances: [UInt16]?
    var id: String
}

/// A container's place on a network.
struct Endpoint: Sendable, Hashable {
    var network: ContainerNetworkState
    var container: String
    var address: IPv4Address
    var ipv6: IPv6Address?
    var document: EndpointDocument

    init(
        network: ContainerNetworkState,
        container: String,
        address: IPv4Address,
        ipv6: IPv6Address? = nil,
        document: EndpointDocument
    ) {
        self.network = network
        self.container = container
        self.address = address
        self.ipv6 = ipv6
        self.document = document
    }

    init(_ row: EndpointRow, on network: ContainerNetworkState) throws {
        self.init(
            network: network,
            container: row.container,
            address: IPv4Address(row.address),
            ipv6: row.ipv6.flatMap { IPv6Address(bytes: $0) },
            document: try JSON.decode(EndpointDocument.self, from: row.document)
        )
    }

    func row() throws -> EndpointRow {
        EndpointRow(
            network: network.id,
            container: container,
            address: address.number,
            ipv6: ipv6?.bytes,
            document: try JSON.encode(document)
        )
    }

    /// The ports that an ordinary user's router has on the host.
    var entrances: [RouterEntrance] {
        zip(document.ports.filter { !$0.isIPv6 }, document.entrances ?? []).map { RouterEntrance($0, port: $1) }
    }

    /// Where a relay finds the container's ports. Beside an ordinary user's program for the network it has the host's
    /// addresses, of which the loopback one is always there.
    var relayAddress: String { isUserMode ? "127.0.0.1" : ipv6?.description ?? address.description }

    /// The ports that packet rules lead to it, and where to.
    var forwardings: [NetworkRules.Forwarding] {
        if isUserMode { return [] }
        if document.entrances != nil { return entrances.map { NetworkRules.Forwarding($0.inside, to: .v4(address)) } }
        return document.ports.compactMap { port in
            if !port.isIPv6 { return NetworkRules.Forwarding(port, to: .v4(address)) }
            return ipv6.map { NetworkRules.Forwarding(port, to: .v6($0)) }
        }
    }

    var plan: EndpointPlan {
        var plan = EndpointPlan(
            link: document.link,
            card: document.card,
            address: address,
            hardwareAddress: HardwareAddress(document.hardwareAddress),
            isDefaultRoute: document.isDefaultRoute
        )
        plan.ipv6 = ipv6
        plan.isDefaultRouteIPv6 = document.isDefaultRouteIPv6 == true
        plan.linkLocal = (document.linkLocalAddresses ?? []).compactMap { IPAddress($0) }
        return plan
    }
}
