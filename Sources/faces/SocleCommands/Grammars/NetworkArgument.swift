import ContainerManagement

/// `--network none|host|bridge|container:NAME|NAME`, or `name=NAME,alias=…,ip=…,ip6=…,link-local-ip=…,mac-address=…`.
struct NetworkArgument: ArgumentValue, Hashable {
    var mode: NetworkMode
    var endpoint = EndpointRequest()

    init(argument: String) throws(ArgumentError) {
        guard argument.contains("=") else {
            if argument == "container:" || argument.contains(where: \.isWhitespace) {
                throw ArgumentError("invalid network \(GoText.quoted(argument))")
            }
            mode = NetworkMode(rawValue: argument)
            return
        }
        var name: String?
        for word in argument.split(separator: ",") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw ArgumentError("invalid field \(word) in --network") }
            switch parts[0].lowercased() {
            case "name": name = parts[1]
            case "alias": endpoint.aliases.append(parts[1])
            case "ip": endpoint.address = parts[1]
            case "ip6": endpoint.ipv6Address = parts[1]
            case "link-local-ip": endpoint.linkLocalAddresses = (endpoint.linkLocalAddresses ?? []) + [parts[1]]
            case "mac-address": endpoint.hardwareAddress = parts[1]
            default: throw ArgumentError("invalid field key \(parts[0]) in --network")
            }
        }
        guard let name else { throw ArgumentError("network name is not specified") }
        mode = NetworkMode(rawValue: name)
    }
}
