package import ContainerMonitor
package import ContainerNetworking
import LinuxSystem
package import OCISpec

/// What is kept of a container besides its row: enough to start it again and to say everything about it.
package struct ContainerDocument: Codable, Sendable, Hashable {
    package var request: RunRequest
    /// The request laid over the image's config.
    package var config: ContainerConfig
    package var mountPoints: [MountPoint]
    /// The name that it calls itself.
    package var hostname: String
    /// The image's layers, the top one first.
    package var lowers: [String]
    /// What makes them its root; nil is overlayfs.
    var driver: StorageDriver?

    var storageDriver: StorageDriver { driver ?? .overlay }

    package init(
        request: RunRequest,
        config: ContainerConfig,
        mountPoints: [MountPoint],
        hostname: String,
        lowers: [String]
    ) {
        self.request = request
        self.config = config
        self.mountPoints = mountPoints
        self.hostname = hostname
        self.lowers = lowers
    }
}

/// A container as the store knows it.
package struct Container: Sendable, Hashable {
    package var id: String
    package var name: String
    package var image: Digest
    /// The image as the user named it.
    package var imageName: String
    /// Nanoseconds since 1970.
    package var createdAt: Int64
    package var document: ContainerDocument
    package var state: ContainerState
    /// What went wrong: with its start, or with its monitor.
    package var error = ""
    /// Where it is on networks, while it runs.
    var endpoints: [Endpoint] = []
    /// The host's ports that lead to it.
    package var ports: [PortBinding] { endpoints.flatMap(\.document.ports) }

    /// How often its monitor has started it again.
    package var restarts = 0
    /// What its monitor found; nil where nobody asked, or it was never started.
    package var health: HealthRecord?

    /// Whether it has processes, or will have some in a moment.
    package var isRunning: Bool { state.isActive }
}

/// Where a container is in its life.
package enum ContainerState: Sendable, Hashable {
    /// Not started yet, or it couldn't be: then with the exit code.
    case created(code: Int32)
    case running(pid: Int32, startedAt: Int64)
    case paused(pid: Int32, startedAt: Int64)
    /// It ended, and its monitor starts it again in a moment.
    case restarting(code: Int32, startedAt: Int64, finishedAt: Int64)
    case exited(code: Int32, outOfMemory: Bool, startedAt: Int64, finishedAt: Int64)

    /// Docker's word.
    package var word: String {
        switch self {
        case .created: "created"
        case .running: "running"
        case .paused: "paused"
        case .restarting: "restarting"
        case .exited: "exited"
        }
    }

    /// Whether it has processes, or will have some in a moment.
    package var isActive: Bool {
        switch self {
        case .running, .paused, .restarting: true
        case .created, .exited: false
        }
    }

    /// The first process, while there is one.
    package var pid: Int32? {
        switch self {
        case .running(let pid, _), .paused(let pid, _): pid
        case .created, .restarting, .exited: nil
        }
    }
}
