import BuildOperations
import ContainerManagement
import Reporting

/// The flags of `build` that are about its RUN instructions.
struct BuildRunOptions {
    var agents: [AgentArgument] = []
    var cpuPeriod: Int64?
    var cpuQuota: Int64?
    var cpuShares: Int64?
    var cpusetCPUs: String?
    var cpusetMems: String?
    var debugsFailures = false
    var entitlements: [EntitlementArgument] = []
    var extraHosts: [BuildHostArgument] = []
    var memory: ByteSize?
    var memorySwap: SwapSize?
    var removes = RemovedContainers(isOn: true)
    var removesForced = false
    var secrets: [SecretArgument] = []
    var securityOptions: [String] = []
    var sharedMemory: ByteSize?
    var ulimits: [UlimitArgument] = []

    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.list("add-host", \.extraHosts, "Add a custom host-to-IP mapping (format: \"host:ip\")")
        Flag.list(
            "allow",
            \.entitlements,
            "Allow extra privileged entitlement (\"network.host\", \"security.insecure\")"
        )
        Flag.value("cpu-period", \.cpuPeriod, as: "int", "Limit the CPU CFS (Completely Fair Scheduler) period")
        Flag.value("cpu-quota", \.cpuQuota, as: "int", "Limit the CPU CFS (Completely Fair Scheduler) quota")
        Flag.value("cpu-shares", short: "c", \.cpuShares, as: "int", "CPU shares (relative weight)")
        Flag.value("cpuset-cpus", \.cpusetCPUs, "CPUs in which to allow execution (0-3, 0,1)")
        Flag.value("cpuset-mems", \.cpusetMems, "MEMs in which to allow execution (0-3, 0,1)")
        Flag.toggle("debug-shell", \.debugsFailures, "Open a shell in the file system of a RUN that fails")
        Flag.toggle("force-rm", \.removesForced, "Always remove intermediate containers")
        Flag.value("memory", short: "m", \.memory, as: "bytes", "Memory limit")
        Flag.value(
            "memory-swap",
            \.memorySwap,
            as: "bytes",
            "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"
        )
        Flag.toggle("rm", \.removes.isOn, "Remove intermediate containers after a build; they always are")
        Flag.list("secret", \.secrets, "Secret to expose to the build (format: \"id=mysecret[,src=/local/secret]\")")
        Flag.list("security-opt", \.securityOptions, "Security options")
        Flag.value("shm-size", \.sharedMemory, as: "bytes", "Size of \"/dev/shm\"")
        Flag.list("ssh", \.agents, "SSH agent socket or keys to expose to the build (format: \"default|<id>[=<socket>|<key>[,<key>]]\")")
        Flag.list("ulimit", \.ulimits, as: "ulimit", "Ulimit options")
    }

    /// `--rm`.
    struct RemovedContainers {
        var isOn: Bool
    }

    /// What they come to. A build on the host's network may have steps that ask for it.
    func settings(network: BuildRequest.Network?) throws(ArgumentError) -> RunSettings {
        if !removes.isOn {
            throw ArgumentError("unsupported flag: --rm=false: a build's containers are always removed")
        }
        if debugsFailures, !Terminal.isTerminal(0) || !Terminal.isTerminal(1) {
            throw ArgumentError("--debug-shell needs a terminal: the input or output device is not a TTY")
        }
        var settings = RunSettings()
        settings.keepsFailedStep = debugsFailures
        for secret in secrets { settings.secrets.append(try secret.source()) }
        for agent in agents {
            let source = try agent.source()
            guard !settings.agents.contains(where: { $0.id == source.id }) else {
                throw ArgumentError("duplicate agent ID \(GoText.quoted(source.id))")
            }
            settings.agents.append(source)
        }
        settings.entitlements = Set(entitlements.map(\.value))
        if network == .host { settings.entitlements.insert(.hostNetwork) }
        settings.extraHosts = extraHosts.flatMap(\.entries)
        settings.sharedMemorySize = sharedMemory?.bytes
        settings.ulimits = ulimits.requests
        settings.securityOptions = securityOptions
        settings.limits.memory = memory?.bytes
        settings.limits.memorySwap = memorySwap?.bytes
        settings.limits.cpuPeriod = cpuPeriod
        settings.limits.cpuQuota = cpuQuota
        settings.limits.cpuShares = cpuShares
        settings.limits.cpusetCPUs = cpusetCPUs
        settings.limits.cpusetMems = cpusetMems
        return settings
    }

    /// With `--debug-shell`, opens a shell in what the step left that ended the build, and stays until that ends.
    func openShell(after error: any Error, _ session: Session) throws {
        guard debugsFailures, let failure = error as? BuildFailure, let step = failure.failedStep else { return }
        defer { step.discard() }
        session.output.complain("a shell in the file system of the step that failed; the build ends with it")
        do { try step.openShell() } catch let error as any Failure {
            session.output.complain("ERROR: failed to open a shell: \(error.description)")
        }
    }
}
