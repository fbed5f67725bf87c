package import ContainerMonitor
package import OCISpec

/// What a user asks of a new container: the flags of `run` and `create`, after their little grammars were parsed, and
/// before anything is known about the image.
package struct RunRequest: Codable, Sendable, Hashable {
    /// The image as the user named it.
    package var image: String
    /// The platform to take of an image for several, or to insist on; nil is the host's.
    package var platform: Platform?
    /// What follows the image; empty means the image's own command.
    package var command: [String] = []
    /// nil keeps the image's entrypoint; empty clears it.
    package var entrypoint: [String]?
    package var name: String?
    /// Whether the container goes away when it ends.
    package var remove = false
    /// Keep standard input open.
    package var interactive = false
    /// Give the container a terminal.
    package var terminal = false
    /// `NAME=value` in order, env files first; a bare `NAME` was replaced or dropped by the face.
    package var environment: [String] = []
    package var workingDirectory: String?
    /// `name|uid[:group|gid]`
    package var user: String?
    package var additionalGroups: [String] = []
    package var hostname: String?
    package var domainname: String?
    package var mounts: [MountRequest] = []
    package var readOnly = false
    package var network: NetworkMode = .none
    /// What it wants of its networks.
    package var connection = ContainerNetwork()
    /// `name:address`
    package var extraHosts: [String] = []
    package var nameServers: [String] = []
    package var searchDomains: [String] = []
    package var resolverOptions: [String] = []
    package var capabilitiesAdded: [String] = []
    package var capabilitiesDropped: [String] = []
    package var privileged = false
    /// `no-new-privileges`, `seccomp=unconfined`, `systempaths=unconfined`, …
    package var securityOptions: [String] = []
    /// Run an init inside that reaps and forwards signals.
    package var usesInit = false
    /// `socle` (or nil), `runc`, `crun`, or the path of an OCI runtime.
    package var runtime: String?
    package var labels: [String: String] = [:]
    package var stopSignal: String?
    /// In seconds.
    package var stopTimeout: Int?
    package var limits = ResourceLimits()
    package var ulimits: [UlimitRequest] = []
    package var sysctls: [String: String] = [:]
    /// The size of `/dev/shm` in bytes; nil is Docker's 64 MiB.
    package var sharedMemorySize: Int64?
    package var devices: [DeviceRequest] = []
    package var oomScoreAdjustment: Int = 0
    /// Whether nobody is attached to it: `-d`.
    package var isDetached: Bool?
    /// The streams that the caller is attached to; nil is what the other flags imply.
    package var attaches: AttachedStreams?
    /// How its output is kept; nil is `json-file` without limits.
    package var log: LogPolicy?
    /// Whether it is started again when it ends; nil is never.
    package var restart: RestartPolicy?
    /// Which namespaces it shares; nil is none.
    package var namespaces: NamespaceRequest?
    /// The control group that its groups are made below, from each hierarchy's top; nil is the usual one.
    package var controlGroupParent: String?
    /// What it may do with devices besides; nil is nothing.
    package var deviceRules: [DeviceRuleRequest]?

    /// What the runtime and its hooks are told besides; nil is nothing.
    package var annotations: [String: String]?
    /// `NAME[:ro|rw]`: containers whose mounts it gets as well.
    package var volumesFrom: [String]?
    /// How to find out whether it is well, over what the image says; `["NONE"]` is not at all.
    package var health: Healthcheck?

    /// The streams that the caller is attached to.
    package var attachedStreams: AttachedStreams {
        if isDetached == true { return AttachedStreams() }
        var streams = attaches ?? .outputs
        if attaches == nil, interactive { streams.insert(.input) }
        return streams
    }

    package init(image: String, command: [String] = []) {
        self.image = image
        self.command = command
    }
}

/// What the container's control group is to allow; nil is without limit.
package struct ResourceLimits: Codable, Sendable, Hashable {
    /// In bytes.
    package var memory: Int64?
    /// Memory and swap together in bytes; -1 is without limit.
    package var memorySwap: Int64?
    package var memoryReservation: Int64?
    /// Billionths of a CPU.
    package var nanoCPUs: Int64?
    package var cpuShares: Int64?
    /// In microseconds.
    package var cpuPeriod: Int64?
    package var cpuQuota: Int64?
    package var cpusetCPUs: String?
    package var cpusetMems: String?
    package var pids: Int64?
    package var oomKillDisabled = false
    /// In microseconds, of the real-time scheduler.
    package var cpuRealtimePeriod: Int64?
    package var cpuRealtimeRuntime: Int64?
    /// From 0 to 100.
    package var memorySwappiness: Int64?
    /// In bytes. Linux doesn't limit that any more.
    package var kernelMemory: Int64?
    package var block: BlockLimits?

    package init() {}
}

/// `--ulimit nofile=1024:2048`
package struct UlimitRequest: Codable, Sendable, Hashable {
    /// Docker's name, without `RLIMIT_`.
    package var name: String
    /// -1 is without limit.
    package var soft: Int64
    package var hard: Int64

    package init(name: String, soft: Int64, hard: Int64) {
        self.name = name
        self.soft = soft
        self.hard = hard
    }
}

/// `--device /dev/fuse:/dev/fuse:rwm`
package struct DeviceRequest: Codable, Sendable, Hashable {
    package var host: String
    package var container: String
    package var permissions: String

    package init(host: String, container: String, permissions: String = "rwm") {
        self.host = host
        self.container = container
        self.permissions = permissions
    }
}
