import ContainerManagement
import SocleEngine

/// The flags of `run`, as they were given.
struct RunOptions {
    var additionalGroups: [String] = []
    var annotations: [KeyValue] = []
    var capabilitiesAdded: [String] = []
    var capabilitiesDropped: [String] = []
    var controlGroupParent: String?
    var deviceRules: [DeviceRuleArgument] = []
    var devices: [DeviceArgument] = []
    var cgroupNamespace: String?
    var domainname: String?
    var entrypoint: String?
    var environment: [VariableArgument] = []
    var environmentFiles: [String] = []
    var extraHosts: [HostArgument] = []
    var healthCommand: String?
    var healthInterval: DurationArgument?
    var healthRetries: Int?
    var healthStartInterval: DurationArgument?
    var healthStartPeriod: DurationArgument?
    var healthTimeout: DurationArgument?
    var hasNoHealthcheck = false
    var hostname: String?
    var idFile: String?
    var exposed: [ExposeArgument] = []
    var interactive = false
    var ip: String?
    var ip6: String?
    var ipc: String?
    var isolation: String?
    var limits = LimitOptions()
    var labelFiles: [String] = []
    var labels: [KeyValue] = []
    var linkLocalAddresses: [String] = []
    var logDriver: String?
    var logOptions: [KeyValue] = []
    var macAddress: String?
    var mounts: [MountArgument] = []
    var name: String?
    var nameServers: [AddressArgument] = []
    var networkAliases: [String] = []
    var networks: [NetworkArgument] = []
    var oomScoreAdjustment = 0
    var pid: String?
    var platform: PlatformArgument?
    var privileged = false
    var published: [PublishArgument] = []
    var publishesAll = false
    var pull = PullPolicy.missing
    var readOnly = false
    var remove = false
    var resolverOptions: [ResolverOptionArgument] = []
    var restart: String?
    var runtime: String?
    var searchDomains: [DomainArgument] = []
    var signsNothing = true
    var securityOptions: [String] = []
    var sharedMemory: ByteSize?
    var stopSignal: String?
    var stopTimeout: Int?
    var sysctls: [SysctlArgument] = []
    var terminal = false
    var tmpfs: [String] = []
    var ulimits: [UlimitArgument] = []
    var storageOptions: [String] = []
    var user: String?
    var userNamespace: String?
    var usesInit = false
    var uts: String?
    var volumeDriver: String?
    var volumes: [String] = []
    var volumesFrom: [String] = []
    var workingDirectory: String?
}
