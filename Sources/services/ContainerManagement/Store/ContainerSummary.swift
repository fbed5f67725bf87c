package import ContainerMonitor
package import ContainerNetworking
package import LinuxSystem
package import OCISpec

/// A line of `ps`.
package struct ContainerSummary: Sendable, Hashable {
    package var id: String
    package var name: String
    package var image: Digest
    package var imageName: String
    /// The program and its arguments, as one text.
    package var command: String
    /// Nanoseconds since 1970.
    package var createdAt: Int64
    package var state: ContainerState
    package var labels: [String: String]
    package var mounts: [MountPoint]
    /// The names of its networks.
    package var networks: [String]
    package var ports: [PortBinding]
    package var health: HealthRecord.Status?
    /// What the image and the user expose.
    package var exposed: [ContainerPort]
    /// What makes its layers one file system.
    package var storageDriver: StorageDriver
    /// How much it wrote and how much there is with its image, in bytes; nil where nobody asked.
    package var size: ContainerSize?

    init(_ container: Container) {
        id = container.id
        name = container.name
        image = container.image
        imageName = container.imageName
        let words = container.document.config.arguments
        let arguments = words.dropFirst().map { $0.contains(" ") ? "'\($0)'" : $0 }
        command = (words.prefix(1) + arguments).joined(separator: " ")
        createdAt = container.createdAt
        state = container.state
        labels = container.document.config.labels
        mounts = container.document.mountPoints
        storageDriver = container.document.storageDriver
        let request = container.document.request
        networks = [request.network.rawValue] + request.connection.others.keys.sorted()
        ports = container.ports
        health = container.health?.status
        exposed = container.document.config.exposedPorts.compactMap { ContainerPort($0) } + request.connection.allExposed
    }

    /// The ports that others on its networks may reach: it runs, and has a network of its own.
    package var openPorts: [ContainerPort] {
        guard state.isActive, let first = networks.first else { return [] }
        return first == "none" || first == "host" || first.hasPrefix("container:") ? [] : exposed
    }

    /// `Up 3 minutes`, `Exited (0) 2 hours ago`, `Created`. `now` is in nanoseconds since 1970.
    package func status(now: Int64) -> String {
        switch state {
        case .created: "Created"
        case .running(_, let startedAt): "Up \(Elapsed.text(now - startedAt))" + healthText
        case .paused(_, let startedAt): "Up \(Elapsed.text(now - startedAt)) (Paused)"
        case .restarting(let code, _, let finishedAt):
            "Restarting (\(code)) \(Elapsed.text(now - finishedAt)) ago"
        case .exited(let code, _, _, let finishedAt): "Exited (\(code)) \(Elapsed.text(now - finishedAt)) ago"
        }
    }
}

/// What a container takes, in bytes.
package struct ContainerSize: Sendable, Hashable {
    /// What it wrote itself.
    package var written: Int64
    /// With its image.
    package var whole: Int64

    package init(written: Int64, whole: Int64) {
        self.written = written
        self.whole = whole
    }
}

extension ContainerSummary {
    private var healthText: String {
        switch health {
        case nil: ""
        case .starting: " (health: starting)"
        case .healthy, .unhealthy: " (\(health?.rawValue ?? ""))"
        }
    }
}

/// How long ago, as Docker says it.
package enum Elapsed {
    package static func text(_ nanoseconds: Int64) -> String {
        let seconds = max(nanoseconds, 0) / 1_000_000_000
        let minutes = seconds / 60
        // Hours are rounded, all else is cut.
        let hours = (seconds + 1_800) / 3_600
        switch true {
        case seconds < 1: return "Less than a second"
        case seconds == 1: return "1 second"
        case seconds < 60: return "\(seconds) seconds"
        case minutes == 1: return "About a minute"
        case minutes < 60: return "\(minutes) minutes"
        case hours == 1: return "About an hour"
        case hours < 48: return "\(hours) hours"
        case hours < 24 * 7 * 2: return "\(hours / 24) days"
        case hours < 24 * 30 * 2: return "\(hours / 24 / 7) weeks"
        case hours < 24 * 365 * 2: return "\(hours / 24 / 30) months"
        default: return "\(seconds / 3_600 / 24 / 365) years"
        }
    }
}
