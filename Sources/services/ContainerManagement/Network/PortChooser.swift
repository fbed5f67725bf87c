import ContainerNetworking
import LinuxSystem
import Reporting

/// Finds ports of the host's for those that a container publishes.
struct PortChooser {
    /// What other containers have.
    var taken: [PortBinding]
    /// Whom messages name.
    var subject: String
    /// The host's address where a wish has none.
    var standardAddress = PortBinding.any
    private(set) var reservations: [PortReservation] = []
    /// Whether a port is free of other programs, and held from now on; nil is not.
    var hold: (PortBinding) throws -> PortReservation? = { try PortReservation.take($0) }
    /// Whether the host speaks version 6, so that any address means one of that as well.
    var speaksIPv6: () -> Bool = { PortReservation.hostSpeaksIPv6() }
    /// What is held for the container since its start, where it runs already. What passes on ports of version 6 was told of
    /// those then, and only then.
    var standing: StandingPorts?
    /// Whether the container has an address of version 6 itself.
    var leadsToIPv6 = false

    init(taken: [PortBinding], subject: String) {
        self.taken = taken
        self.subject = subject
    }

    /// Where the kernel takes ports from as well, as Docker does.
    static let anyPorts: ClosedRange<UInt16> = 32_768...60_999

    /// Ports of the host's for each wish, in the order of the wishes: one, or one of each version with the same number.
    mutating func choose(_ wishes: [PublishedPort]) throws -> [PortBinding] {
        // Who names a port comes before those who take any.
        let order = wishes.indices.sorted { Self.freedom(wishes[$0]) < Self.freedom(wishes[$1]) }
        var chosen: [Int: [PortBinding]] = [:]
        for index in order { chosen[index] = try choose(wishes[index]) }
        return wishes.indices.flatMap { chosen[$0] ?? [] }
    }

    private static func freedom(_ wish: PublishedPort) -> Int { wish.hostPorts?.count ?? .max }

    private mutating func choose(_ wish: PublishedPort) throws -> [PortBinding] {
        let addresses = try addresses(wish)
        let own = standing?.bindings.filter { wish.means($0) && addresses.contains($0.hostAddress) } ?? []
        for port in own.map(\.hostPort) {
            // Those of version 4 may be held by somebody else: an ordinary user's router lets go of them.
            let all = addresses.map { PortBinding(hostAddress: $0, hostPort: port, container: wish.container) }
            if let bindings = try take(all.filter { !$0.isIPv6 || own.contains($0) }) { return bindings }
        }
        let others = standing == nil ? addresses : addresses.filter { !$0.contains(":") }
        for port in wish.hostPorts ?? Self.anyPorts where !others.isEmpty {
            let bindings = others.map { PortBinding(hostAddress: $0, hostPort: port, container: wish.container) }
            if let bindings = try take(bindings) { return bindings }
        }
        throw refusal(wish, addresses[0])
    }

    /// All of them, or none; nil where somebody has one.
    private mutating func take(_ bindings: [PortBinding]) throws -> [PortBinding]? {
        if taken.contains(where: { one in bindings.contains { $0.collides(with: one) } }) { return nil }
        guard let held = try hold(bindings) else { return nil }
        reservations += held
        taken += bindings
        return bindings
    }

    private func hold(_ bindings: [PortBinding]) throws -> [PortReservation]? {
        var held: [PortReservation] = []
        for binding in bindings {
            let isStanding = standing?.bindings.contains(binding) == true
            guard let reservation = try isStanding ? standing?.sockets.hold(binding) : hold(binding) else { return nil }
            held.append(reservation)
        }
        return held
    }

    /// The host's addresses that a wish means, in the shortest form.
    private func addresses(_ wish: PublishedPort) throws -> [String] {
        // What passes on ports of version 6 knows no SCTP; packet rules do.
        let passesOn = wish.container.protocol != .sctp || leadsToIPv6
        if wish.hostAddress.isEmpty {
            if standardAddress != PortBinding.any { return [standardAddress] }
            return passesOn && speaksIPv6() ? [PortBinding.any, PortBinding.anyIPv6] : [PortBinding.any]
        }
        let address = IPAddress(wish.hostAddress)?.description ?? wish.hostAddress
        if address.contains(":"), !passesOn {
            throw PlainFailure(
                .unsupported,
                "a port of SCTP can't lead from \(address) to a container without an address of version 6"
            )
        }
        return [address]
    }

    private func refusal(_ wish: PublishedPort, _ address: String) -> PlainFailure {
        guard let ports = wish.hostPorts else { return PlainFailure(.exhausted, "no port of the host's is free") }
        let text = ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
        return PlainFailure(
            .conflict,
            "driver failed programming external connectivity on endpoint \(subject): "
                + "Bind for \(address):\(text) failed: port is already allocated"
        )
    }
}

extension PublishedPort {
    /// Whether a port of the host's is one that would do.
    fileprivate func means(_ binding: PortBinding) -> Bool {
        container == binding.container && hostPorts?.contains(binding.hostPort) != false
    }
}
