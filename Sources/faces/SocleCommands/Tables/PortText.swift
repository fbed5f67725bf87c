import ContainerNetworking

/// A container's ports as `ps` shows them.
enum PortText {
    /// `443/tcp, 0.0.0.0:8000-8002->80-82/tcp, 127.0.0.1:53->53/udp`: neighbours are put together; what is only exposed
    /// stands first.
    static func list(_ bindings: [PortBinding], exposed: [ContainerPort] = []) -> String {
        let bound = Set(bindings.map(\.container))
        let open = Set(exposed).subtracting(bound).sorted()
        return (Self.exposed(open) + published(bindings)).joined(separator: ", ")
    }

    /// In Docker's order: a range that ends stands before those that don't.
    private static func exposed(_ ports: [ContainerPort]) -> [String] {
        typealias Range = (first: UInt16, last: UInt16, kind: PortProtocol)
        var (ended, last): ([Range], [Range]) = ([], [])
        for port in ports {
            let new: Range = (port.number, port.number, port.protocol)
            guard let index = last.firstIndex(where: { $0.kind == port.protocol }) else {
                last.append(new)
                continue
            }
            if Int(last[index].last) + 1 == Int(port.number) {
                last[index].last = port.number
            } else {
                ended.append(last[index])
                last[index] = new
            }
        }
        return (ended + last).map { range($0.first, $0.last) + "/\($0.kind.rawValue)" }
    }

    private static func published(_ bindings: [PortBinding]) -> [String] {
        var groups: [[PortBinding]] = []
        let sorted = bindings.sorted { ($0.container.number, $0.hostPort) < ($1.container.number, $1.hostPort) }
        for binding in sorted {
            if let index = groups.firstIndex(where: { continues($0, binding) }) {
                groups[index].append(binding)
            } else {
                groups.append([binding])
            }
        }
        return groups.map(text)
    }

    private static func continues(_ group: [PortBinding], _ binding: PortBinding) -> Bool {
        guard let last = group.last else { return false }
        return last.hostAddress == binding.hostAddress && last.container.protocol == binding.container.protocol
            && Int(last.hostPort) + 1 == Int(binding.hostPort)
            && Int(last.container.number) + 1 == Int(binding.container.number)
    }

    private static func text(_ group: [PortBinding]) -> String {
        guard let first = group.first, let last = group.last else { return "" }
        let host = range(first.hostPort, last.hostPort)
        let own = range(first.container.number, last.container.number)
        let address = first.isIPv6 ? "[\(first.hostAddress)]" : first.hostAddress
        return "\(address):\(host)->\(own)/\(first.container.protocol.rawValue)"
    }

    private static func range(_ first: UInt16, _ last: UInt16) -> String {
        first == last ? "\(first)" : "\(first)-\(last)"
    }
}
