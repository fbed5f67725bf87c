import ContainerManagement
import SocleEngine

/// The flags of `run`, as they were given.
struct RunOptions {
    var additionalGroups: [String] = []
    var capabilitiesAdded: [String] = []
    var capabilitiesDropped: [String] = []
    var cpuPeriod: Int64?
    var cpuQuota: Int64?
    var cpuShares: Int64?
    var cpus: CPUCount?
    var cpusetCPUs: String?
    var cpusetMems: String?
    var devices: [DeviceArgument] = []
    var domainname: String?
    var entrypoint: String?
    var environment: [VariableArgument] = []
    var environmentFiles: [String] = []
    var extraHosts: [HostArgument] = []
    var hostname: String?
    var idFile: String?
    var exposed: [ExposeArgument] = []
    var interactive = false
    var ip: String?
    var labelFiles: [String] = []
    var labels: [KeyValue] = []
    var logDriver: String?
    var logOptions: [KeyValue] = []
    var macAddress: String?
    var memory: ByteSize?
    var memoryReservation: ByteSize?
    var memorySwap: SwapSize?
    var mounts: [MountArgument] = []
    var name: String?
    var nameServers: [String] = []
    var networkAliases: [String] = []
    var networks: [NetworkArgument] = []
    var oomKillDisabled = false
    var oomScoreAdjustment = 0
    var pids: Int64?
    var platform: PlatformArgument?
    var privileged = false
    var published: [PublishArgument] = []
    var publishesAll = false
    var pull = PullPolicy.missing
    var readOnly = false
    var remove = false
    var resolverOptions: [String] = []
    var restart: String?
    var runtime: String?
    var searchDomains: [String] = []
    var securityOptions: [String] = []
    var sharedMemory: ByteSize?
    var stopSignal: String?
    var stopTimeout: Int?
    var sysctls: [KeyValue] = []
    var terminal = false
    var tmpfs: [String] = []
    var ulimits: [UlimitArgument] = []
    var user: String?
    var usesInit = false
    var volumes: [String] = []
    var workingDirectory: String?
}
