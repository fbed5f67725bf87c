package import Reporting

/// The texts of `--publish` and `--expose`, as Docker reads them.
package enum PortGrammar {
    /// `[[ADDRESS:][HOSTPORT[-LAST]]:]PORT[-LAST][/PROTOCOL]`: one for each port of the container.
    package static func published(_ text: String) throws(PlainFailure) -> [PublishedPort] {
        if text.contains("=") { return [try long(text)] }
        let (body, kind) = try split(text)
        var (address, rest) = try takeAddress(body, in: text)
        var parts = rest.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 3, address.isEmpty { address = parts.removeFirst() }
        guard (1...2).contains(parts.count), let last = parts.last, !last.isEmpty else {
            throw refusal(
                last(of: parts).isEmpty ? "no port specified: \(text)<empty>" : "invalid port format: \(text)"
            )
        }
        rest = last
        guard let container = range(last), container.lowerBound > 0 else {
            throw refusal("invalid containerPort: \(last)")
        }
        try check(address)
        let host = parts.count == 2 ? parts[0] : ""
        guard !host.isEmpty, host != "0" else {
            return container.map { PublishedPort(hostAddress: address, container: ContainerPort($0, kind)) }
        }
        guard let hostPorts = range(host), hostPorts.lowerBound > 0 else { throw refusal("invalid hostPort: \(host)") }
        // One port of the container's may take any of a range.
        if container.count == 1 {
            let port = ContainerPort(container.lowerBound, kind)
            return [PublishedPort(hostAddress: address, hostPorts: hostPorts, container: port)]
        }
        guard hostPorts.count == container.count else {
            throw refusal("invalid ranges specified for container and host Ports: \(last) and \(host)")
        }
        return zip(hostPorts, container).map { host, port in
            PublishedPort(hostAddress: address, hostPorts: host...host, container: ContainerPort(port, kind))
        }
    }

    /// `80`, `80/udp`, `8000-8010/tcp`
    package static func exposed(_ text: String) throws(PlainFailure) -> [ContainerPort] {
        let (body, kind) = try split(text)
        guard let ports = range(body), ports.lowerBound > 0 else {
            throw refusal("invalid range format for --expose: \(text)")
        }
        return ports.map { ContainerPort($0, kind) }
    }

    // MARK: - Parts

    /// `target=80,published=8080,protocol=udp`
    private static func long(_ text: String) throws(PlainFailure) -> PublishedPort {
        var port = PublishedPort(container: ContainerPort(0))
        for word in text.split(separator: ",") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw refusal("invalid field: \(word)") }
            switch parts[0] {
            case "target":
                guard let number = UInt16(parts[1]), number > 0 else {
                    throw refusal("invalid target port: \(parts[1])")
                }
                port.container.number = number
            case "published":
                guard let ports = range(parts[1]), ports.lowerBound > 0 else {
                    throw refusal("invalid published port: \(parts[1])")
                }
                port.hostPorts = ports
            case "protocol":
                guard let kind = PortProtocol(rawValue: parts[1]) else {
                    throw refusal("invalid protocol: \(parts[1])")
                }
                port.container.protocol = kind
            case "mode" where ["host", "ingress"].contains(parts[1]): continue
            default: throw refusal("invalid field key or value: \(word)")
            }
        }
        if port.container.number == 0 { throw refusal("missing mandatory field \"target\"") }
        return port
    }

    private static func split(_ text: String) throws(PlainFailure) -> (String, PortProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2 else { throw refusal("invalid port format: \(text)") }
        guard parts.count == 2 else { return (text, .tcp) }
        guard let kind = PortProtocol(rawValue: parts[1].lowercased()) else {
            throw refusal("invalid proto: \(parts[1])")
        }
        return (parts[0], kind)
    }

    /// Addresses of version 6 stand in brackets.
    private static func takeAddress(_ body: String, in text: String) throws(PlainFailure) -> (String, String) {
        guard body.hasPrefix("[") else { return ("", body) }
        let parts = body.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].hasPrefix(":") else { throw refusal("invalid port format: \(text)") }
        return (String(parts[0]), String(parts[1].dropFirst()))
    }

    private static func check(_ address: String) throws(PlainFailure) {
        if address.isEmpty || IPAddress(address) != nil { return }
        throw refusal("invalid IP address: \(address)")
    }

    private static func last(of parts: [String]) -> String { parts.last ?? "" }

    private static func range(_ text: String) -> ClosedRange<UInt16>? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let first = UInt16(parts[0]), let last = UInt16(parts[parts.count - 1]),
            first <= last
        else { return nil }
        return first...last
    }

    private static func refusal(_ text: String) -> PlainFailure { PlainFailure(.invalidArgument, text) }
}
