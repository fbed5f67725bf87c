import ContainerNetworking

/// Published ports as `ps` shows them.
enum PortText {
    /// `0.0.0.0:8000-8002->80-82/tcp, 127.0.0.1:53->53/udp`: neighbours are put together.
    static func list(_ bindings: [PortBinding]) -> String {
        var groups: [[PortBinding]] = []
        let sorted = bindings.sorted { ($0.container.number, $0.hostPort) < ($1.container.number, $1.hostPort) }
        for binding in sorted {
            if let index = groups.firstIndex(where: { continues($0, binding) }) {
                groups[index].append(binding)
            } else {
                groups.append([binding])
            }
        }
        return groups.map(text).joined(separator: ", ")
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
        return "\(first.hostAddress):\(host)->\(own)/\(first.container.protocol.rawValue)"
    }

    private static func range(_ first: UInt16, _ last: UInt16) -> String {
        first == last ? "\(first)" : "\(first)-\(last)"
    }
}
