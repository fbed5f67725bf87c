extension RunOptions {
    /// The flags that say how the container is to be.
    static let flags: [Flag<RunOptions>] = [
        .list("add-host", \.extraHosts, "Add a custom host-to-IP mapping (host:ip)"),
        .list("cap-add", \.capabilitiesAdded, "Add Linux capabilities"),
        .list("cap-drop", \.capabilitiesDropped, "Drop Linux capabilities"),
        .value("cpu-period", \.cpuPeriod, as: "int", "Limit CPU CFS (Completely Fair Scheduler) period"),
        .value("cpu-quota", \.cpuQuota, as: "int", "Limit CPU CFS (Completely Fair Scheduler) quota"),
        .value("cpu-shares", "c", \.cpuShares, as: "int", "CPU shares (relative weight)"),
        .value("cpus", \.cpus, as: "decimal", "Number of CPUs"),
        .value("cpuset-cpus", \.cpusetCPUs, "CPUs in which to allow execution (0-3, 0,1)"),
        .value("cpuset-mems", \.cpusetMems, "MEMs in which to allow execution (0-3, 0,1)"),
        .list("device", \.devices, "Add a host device to the container"),
        .list("dns", \.nameServers, "Set custom DNS servers"),
        .list("dns-option", \.resolverOptions, "Set DNS options"),
        .list("dns-opt", \.resolverOptions, nil),
        .list("dns-search", \.searchDomains, "Set custom DNS search domains"),
        .value("domainname", \.domainname, "Container NIS domain name"),
        .value("entrypoint", \.entrypoint, "Overwrite the default ENTRYPOINT of the image"),
        .list("env", "e", \.environment, "Set environment variables"),
        .list("env-file", \.environmentFiles, "Read in a file of environment variables"),
        .list("group-add", \.additionalGroups, "Add additional groups to join"),
        .value("hostname", "h", \.hostname, "Container host name"),
        .toggle("init", \.usesInit, "Run an init inside the container that forwards signals and reaps processes"),
        .toggle("interactive", "i", \.interactive, "Keep STDIN open even if not attached"),
        .list("label", "l", \.labels, "Set meta data on a container"),
        .list("label-file", \.labelFiles, "Read in a line delimited file of labels"),
        .value("memory", "m", \.memory, as: "bytes", "Memory limit"),
        .value("memory-reservation", \.memoryReservation, as: "bytes", "Memory soft limit"),
        .value(
            "memory-swap", \.memorySwap, as: "bytes",
            "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"),
        .list("mount", \.mounts, as: "mount", "Attach a filesystem mount to the container"),
        .value("name", \.name, "Assign a name to the container"),
        .value("net", \.network, as: "network", nil),
        .value("network", \.network, as: "network", "Connect a container to a network: none (default) or host"),
        .toggle("oom-kill-disable", \.oomKillDisabled, "Disable OOM Killer"),
        .value("oom-score-adj", \.oomScoreAdjustment, as: "int", "Tune host's OOM preferences (-1000 to 1000)"),
        .value("pids-limit", \.pids, as: "int", "Tune container pids limit (set -1 for unlimited)"),
        .value("platform", \.platform, "The image's platform; only the host's can run"),
        .toggle("privileged", \.privileged, "Give extended privileges to this container"),
        .value("pull", \.pull, "Pull image before running (\"missing\"|\"never\") (default \"missing\")"),
        .toggle("read-only", \.readOnly, "Mount the container's root filesystem as read only"),
        .toggle("rm", \.remove, "Automatically remove the container when it exits"),
        .value("runtime", \.runtime, "Runtime to use for this container: socle, runc, crun or a path"),
        .list("security-opt", \.securityOptions, "Security Options"),
        .value("shm-size", \.sharedMemory, as: "bytes", "Size of /dev/shm"),
        .value("stop-signal", \.stopSignal, "Signal to stop a container (default \"SIGTERM\")"),
        .value("stop-timeout", \.stopTimeout, as: "int", "Timeout (in seconds) to stop a container"),
        .list("sysctl", \.sysctls, as: "map", "Sysctl options"),
        .list("tmpfs", \.tmpfs, "Mount a tmpfs directory"),
        .toggle("tty", "t", \.terminal, "Allocate a pseudo-TTY"),
        .list("ulimit", \.ulimits, as: "ulimit", "Ulimit options"),
        .value("user", "u", \.user, "Username or UID (format: <name|uid>[:<group|gid>])"),
        .list("volume", "v", \.volumes, "Bind mount a volume"),
        .value("workdir", "w", \.workingDirectory, "Working directory inside the container"),
    ]

    private static let ports = "containers have no network to publish ports of in this version; see --network host"

    /// Docker's other flags, which this version refuses.
    static let refused: [Flag<RunOptions>] = [
        .refused("attach", "a"), .refused("blkio-weight"), .refused("blkio-weight-device"), .refused("cgroup-parent"),
        .refused("cgroupns"), .refused("cidfile"), .refused("cpu-rt-period"), .refused("cpu-rt-runtime"),
        .refused("detach", "d", takesValue: false, "containers run in the foreground in this version"),
        .refused("detach-keys"), .refused("device-cgroup-rule"), .refused("device-read-bps"),
        .refused("device-read-iops"), .refused("device-write-bps"), .refused("device-write-iops"),
        .refused("disable-content-trust", takesValue: false), .refused("expose"), .refused("gpus"),
        .refused("health-cmd"), .refused("health-interval"), .refused("health-retries"),
        .refused("health-start-interval"), .refused("health-start-period"), .refused("health-timeout"),
        .refused("ip"), .refused("ip6"), .refused("ipc"), .refused("isolation"), .refused("kernel-memory"),
        .refused("link"), .refused("link-local-ip"), .refused("log-driver"), .refused("log-opt"),
        .refused("mac-address"), .refused("memory-swappiness"), .refused("network-alias"), .refused("net-alias"),
        .refused("no-healthcheck", takesValue: false), .refused("pid"), .refused("publish", "p", ports),
        .refused("publish-all", "P", takesValue: false, ports), .refused("restart"), .refused("sig-proxy"),
        .refused("storage-opt"), .refused("use-api-socket", takesValue: false), .refused("userns"), .refused("uts"),
        .refused("volume-driver"), .refused("volumes-from"),
    ]
}

/// `--add-host name:address`
struct HostArgument: ArgumentValue, Hashable {
    var text: String

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw ArgumentError("bad format for add-host: \(GoText.quoted(argument))")
        }
        let isAddress = parts[1].utf8.allSatisfy { "0123456789abcdefABCDEF:.[]%".utf8.contains($0) } && !parts[1].isEmpty
        guard isAddress else { throw ArgumentError("invalid IP address in add-host: \(GoText.quoted(String(parts[1])))") }
        text = argument
    }
}
