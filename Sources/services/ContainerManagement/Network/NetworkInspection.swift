import ContainerNetworking
package import OCISpec

/// `docker network inspect`: Docker's fields in Docker's order.
package struct NetworkInspection {
    var network: ContainerNetworkState
    var members: [NetworkMemberState]

    package init(network: ContainerNetworkState, members: [NetworkMemberState]) {
        self.network = network
        self.members = members
    }

    package var value: JSONValue {
        let document = network.document
        return [
            "Name": .string(network.name), "Id": .string(network.id),
            "Created": .string(Timestamp(epochNanoseconds: network.createdAt).text), "Scope": "local",
            "Driver": .string(document.driver), "EnableIPv6": .bool(document.ipv6 != nil),
            "IPAM": ["Driver": "default", "Options": addressOptions, "Config": addresses],
            "Internal": .bool(document.isInternal), "Attachable": .bool(document.isAttachable), "Ingress": false,
            "ConfigFrom": ["Network": ""], "ConfigOnly": false, "Containers": containers, "Options": options,
            "Labels": .object(JSONObject(document.labels)),
        ]
    }

    private var addresses: JSONValue {
        guard let subnet = network.document.subnet else { return network.isPredefined ? nil : [] }
        var value: JSONObject = ["Subnet": .string(subnet)]
        if let range = network.document.range { value["IPRange"] = .string(range) }
        if let gateway = network.document.gateway { value["Gateway"] = .string(gateway) }
        if let reserved = network.document.reserved { value["AuxiliaryAddresses"] = .object(JSONObject(reserved)) }
        guard let ipv6 = network.document.ipv6 else { return .array([.object(value)]) }
        var second: JSONObject = ["Subnet": .string(ipv6.subnet)]
        if let range = ipv6.range { second["IPRange"] = .string(range) }
        second["Gateway"] = .string(ipv6.gateway)
        if let reserved = ipv6.reserved { second["AuxiliaryAddresses"] = .object(JSONObject(reserved)) }
        return .array([.object(value), .object(second)])
    }

    private var addressOptions: JSONValue {
        network.isPredefined ? nil : .object(JSONObject(network.document.ipamOptions ?? [:]))
    }

    private var options: JSONValue {
        guard network.isPredefined, network.document.driver == "bridge" else {
            return .object(JSONObject(network.document.options))
        }
        // Its largest packet is that of the host's way out.
        return .object(
            JSONObject([
                "com.docker.network.bridge.default_bridge": "true", BridgeOptions.communication: "true",
                BridgeOptions.masquerade: "true", BridgeOptions.hostBinding: PortBinding.any,
                BridgeOptions.name: network.document.link,
            ])
        )
    }

    private var containers: JSONValue {
        .object(
            members.sorted { $0.container < $1.container }.reduce(into: JSONObject()) { object, member in
                object[member.container] = [
                    "Name": .string(member.name), "EndpointID": .string(member.endpoint),
                    "MacAddress": .string(member.hardwareAddress), "IPv4Address": .string(member.address),
                    "IPv6Address": .string(member.ipv6Address),
                ]
            }
        )
    }
}
