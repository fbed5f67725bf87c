import ContainerNetworking
import OCISpec

/// The `NetworkSettings` of `docker inspect` of a container.
struct NetworkSettingsInspection {
    var container: Container
    /// The network of a mode that every machine has (`host`, `none`), by its name.
    var predefined: (String) throws -> ContainerNetworkState

    private var request: RunRequest { container.document.request }

    /// The process whose network it is, where it has one that isn't another container's.
    private var process: Int32? {
        if case .container = request.network { return nil }
        return container.state.pid
    }

    var value: JSONValue {
        // What Docker repeats at the top is that of the standard network.
        let standard = container.endpoints.first { $0.network.name == NetworkMode.bridge.rawValue }
        return [
            "Bridge": "", "SandboxID": .string(process == nil ? "" : container.id), "HairpinMode": false, "LinkLocalIPv6Address": "",
            "LinkLocalIPv6PrefixLen": 0, "Ports": ports, "SandboxKey": .string(process.map { "/proc/\($0)/ns/net" } ?? ""), "SecondaryIPAddresses": nil,
            "SecondaryIPv6Addresses": nil, "EndpointID": .string(standard?.document.id ?? ""),
            "Gateway": .string(standard.map(gateway) ?? ""), "GlobalIPv6Address": "",
            "GlobalIPv6PrefixLen": 0, "IPAddress": .string(standard.map(address) ?? ""),
            "IPPrefixLen": .integer(standard.map(prefix) ?? 0), "IPv6Gateway": "",
            "MacAddress": .string(standard?.document.hardwareAddress ?? ""), "Networks": .object(networks),
        ]
    }

    private func gateway(_ endpoint: Endpoint) -> String {
        endpoint.network.document.isInternal || endpoint.isUserMode ? "" : endpoint.network.document.gateway ?? ""
    }

    /// None where the host's addresses are inside.
    private func address(_ endpoint: Endpoint) -> String { endpoint.isUserMode ? "" : endpoint.address.description }

    private func prefix(_ endpoint: Endpoint) -> Int64 {
        endpoint.isUserMode ? 0 : Int64(endpoint.network.plan?.subnet.prefix ?? 0)
    }

    private func ipv6Gateway(_ endpoint: Endpoint) -> String {
        endpoint.network.document.isInternal || endpoint.ipv6 == nil
            ? "" : endpoint.network.document.ipv6?.gateway ?? ""
    }

    private func ipv6Prefix(_ endpoint: Endpoint) -> Int64 {
        endpoint.ipv6 == nil ? 0 : Int64(endpoint.network.plan?.ipv6?.subnet.prefix ?? 0)
    }

    /// The addresses that were asked for; null where there were none.
    private static func wishes(_ wish: EndpointRequest) -> JSONValue {
        var value = JSONObject()
        if let address = wish.address { value["IPv4Address"] = .string(address) }
        if let address = wish.ipv6Address { value["IPv6Address"] = .string(address) }
        if let addresses = wish.linkLocalAddresses, !addresses.isEmpty {
            value["LinkLocalIPs"] = JSONValue(strings: addresses)
        }
        return value.isEmpty ? .null : .object(value)
    }

    /// `{"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "443/tcp": null}`
    private var ports: JSONValue {
        guard container.isRunning else { return [:] }
        var value = JSONObject()
        let member = NetworkMember(
            id: container.id,
            name: container.name,
            hostname: container.document.hostname,
            request: request,
            config: container.document.config
        )
        let bindings = Dictionary(grouping: container.ports, by: \.container)
        if !container.endpoints.isEmpty {
            for port in Set(member.exposed + bindings.keys).sorted() {
                value[port.description] = bindings[port].map { .array($0.map(Self.binding)) } ?? .null
            }
        }
        return .object(value)
    }

    private static func binding(_ binding: PortBinding) -> JSONValue {
        ["HostIp": .string(binding.hostAddress), "HostPort": .string(String(binding.hostPort))]
    }

    private var networks: JSONObject {
        var value = JSONObject()
        if case .container = request.network { return value }
        value[request.network.rawValue] = settings(request.network.rawValue, request.connection.endpoint)
        for (name, endpoint) in request.connection.others.sorted(by: { $0.key < $1.key }) {
            value[name] = settings(name, endpoint)
        }
        return value
    }

    /// Of a mode in which nobody has a place that is kept.
    private func predefinedID(_ name: String) -> String {
        guard [NetworkMode.host.rawValue, NetworkMode.none.rawValue].contains(name) else { return "" }
        // As with Docker, of one that has been started.
        if case .created = container.state { return "" }
        return (try? predefined(name).id) ?? ""
    }

    private func settings(_ name: String, _ wish: EndpointRequest) -> JSONValue {
        let endpoint = container.endpoints.first {
            $0.network.name == name || $0.network.id.hasPrefix(name)
        }
        let aliases = NetworkNames.predefined.contains(name) ? [] : wish.aliases + [String(container.id.prefix(12))]
        return [
            "IPAMConfig": Self.wishes(wish), "Links": nil,
            "Aliases": aliases.isEmpty ? .null : JSONValue(strings: aliases),
            "NetworkID": .string(endpoint?.network.id ?? predefinedID(name)), "EndpointID": .string(endpoint?.document.id ?? ""),
            "Gateway": .string(endpoint.map(gateway) ?? ""), "IPAddress": .string(endpoint.map(address) ?? ""),
            "IPPrefixLen": .integer(endpoint.map(prefix) ?? 0),
            "IPv6Gateway": .string(endpoint.map(ipv6Gateway) ?? ""),
            "GlobalIPv6Address": .string(endpoint?.ipv6?.description ?? ""),
            "GlobalIPv6PrefixLen": .integer(endpoint.map(ipv6Prefix) ?? 0),
            "MacAddress": .string(endpoint?.document.hardwareAddress ?? ""), "DriverOpts": nil,
        ]
    }
}

/// The `PortBindings` of `docker inspect`: what was asked for.
enum PortBindingsInspection {
    static func value(_ ports: [PublishedPort]) -> JSONValue {
        let groups = Dictionary(grouping: ports, by: \.container)
        return .object(
            groups.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { object, group in
                object[group.key.description] = .array(group.value.map(binding))
            }
        )
    }

    private static func binding(_ port: PublishedPort) -> JSONValue {
        var text = ""
        if let ports = port.hostPorts {
            text = ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
        }
        return ["HostIp": .string(port.hostAddress), "HostPort": .string(text)]
    }
}
