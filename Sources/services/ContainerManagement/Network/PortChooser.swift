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

    init(taken: [PortBinding], subject: String) {
        self.taken = taken
        self.subject = subject
    }

    /// Where the kernel takes ports from as well, as Docker does.
    static let anyPorts: ClosedRange<UInt16> = 32_768...60_999

    /// A port of the host's for each wish, in the order of the wishes.
    mutating func choose(_ wishes: [PublishedPort]) throws -> [PortBinding] {
        // Who names a port comes before those who take any.
        let order = wishes.indices.sorted { Self.freedom(wishes[$0]) < Self.freedom(wishes[$1]) }
        var chosen: [Int: PortBinding] = [:]
        for index in order { chosen[index] = try choose(wishes[index]) }
        return wishes.indices.compactMap { chosen[$0] }
    }

    private static func freedom(_ wish: PublishedPort) -> Int { wish.hostPorts?.count ?? .max }

    private mutating func choose(_ wish: PublishedPort) throws -> PortBinding {
        let address = wish.hostAddress.isEmpty ? standardAddress : wish.hostAddress
        for port in wish.hostPorts ?? Self.anyPorts {
            let binding = PortBinding(hostAddress: address, hostPort: port, container: wish.container)
            if taken.contains(where: { $0.collides(with: binding) }) { continue }
            guard let reservation = try hold(binding) else { continue }
            reservations.append(reservation)
            taken.append(binding)
            return binding
        }
        throw refusal(wish, address)
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
