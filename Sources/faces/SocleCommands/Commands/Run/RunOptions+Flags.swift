extension RunOptions {
    /// The flags that say how the container is to be.
    @FlagListing<RunOptions> static var flags: [Flag<RunOptions>] {
        Flag.list("add-host", \.extraHosts, "Add a custom host-to-IP mapping (host:ip)")
        Flag.list("cap-add", \.capabilitiesAdded, "Add Linux capabilities")
        Flag.list("cap-drop", \.capabilitiesDropped, "Drop Linux capabilities")
        Flag.value("cidfile", \.idFile, "Write the container ID to the file")
        Flag.value("cpu-period", \.cpuPeriod, as: "int", "Limit CPU CFS (Completely Fair Scheduler) period")
        Flag.value("cpu-quota", \.cpuQuota, as: "int", "Limit CPU CFS (Completely Fair Scheduler) quota")
        Flag.value("cpu-shares", short: "c", \.cpuShares, as: "int", "CPU shares (relative weight)")
        Flag.value("cpus", \.cpus, as: "decimal", "Number of CPUs")
        Flag.value("cpuset-cpus", \.cpusetCPUs, "CPUs in which to allow execution (0-3, 0,1)")
        Flag.value("cpuset-mems", \.cpusetMems, "MEMs in which to allow execution (0-3, 0,1)")
        Flag.list("device", \.devices, "Add a host device to the container")
        Flag.list("dns", \.nameServers, "Set custom DNS servers")
        Flag.list("dns-option", \.resolverOptions, "Set DNS options")
        Flag.list("dns-opt", \.resolverOptions, nil)
        Flag.list("dns-search", \.searchDomains, "Set custom DNS search domains")
        Flag.value("domainname", \.domainname, "Container NIS domain name")
        Flag.value("entrypoint", \.entrypoint, "Overwrite the default ENTRYPOINT of the image")
        Flag.list("env", short: "e", \.environment, "Set environment variables")
        Flag.list("env-file", \.environmentFiles, "Read in a file of environment variables")
        Flag.list("expose", \.exposed, "Expose a port or a range of ports")
        Flag.list("group-add", \.additionalGroups, "Add additional groups to join")
        Flag.value("hostname", short: "h", \.hostname, "Container host name")
        Flag.toggle("init", \.usesInit, "Run an init inside the container that forwards signals and reaps processes")
        Flag.toggle("interactive", short: "i", \.interactive, "Keep STDIN open even if not attached")
        Flag.value("ip", \.ip, "IPv4 address (e.g., 172.30.100.104)")
        Flag.list("label", short: "l", \.labels, "Set meta data on a container")
        Flag.list("label-file", \.labelFiles, "Read in a line delimited file of labels")
        Flag.value("mac-address", \.macAddress, "Container MAC address (e.g., 92:d0:c6:0a:29:33)")
        Flag.value("memory", short: "m", \.memory, as: "bytes", "Memory limit")
        Flag.value("memory-reservation", \.memoryReservation, as: "bytes", "Memory soft limit")
        Flag.value(
            "memory-swap",
            \.memorySwap,
            as: "bytes",
            "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"
        )
        Flag.value("log-driver", \.logDriver, "Logging driver for the container: json-file, local or none")
        Flag.list("log-opt", \.logOptions, "Log driver options: max-size, max-file")
        Flag.list("mount", \.mounts, as: "mount", "Attach a filesystem mount to the container")
        Flag.value("name", \.name, "Assign a name to the container")
        Flag.list("net", \.networks, as: "network", nil)
        Flag.list("net-alias", \.networkAliases, nil)
        Flag.list("network", \.networks, as: "network", "Connect a container to a network (default bridge)")
        Flag.list("network-alias", \.networkAliases, "Add network-scoped alias for the container")
        Flag.toggle("oom-kill-disable", \.oomKillDisabled, "Disable OOM Killer")
        Flag.value("oom-score-adj", \.oomScoreAdjustment, as: "int", "Tune host's OOM preferences (-1000 to 1000)")
        Flag.value("pids-limit", \.pids, as: "int", "Tune container pids limit (set -1 for unlimited)")
        Flag.value("platform", \.platform, "Set platform if the image is for several (default: the host's)")
        Flag.toggle("privileged", \.privileged, "Give extended privileges to this container")
        Flag.list("publish", short: "p", \.published, "Publish a container's port(s) to the host")
        Flag.toggle("publish-all", short: "P", \.publishesAll, "Publish all exposed ports to random ports")
        Flag.value("pull", \.pull, "Pull image before running (\"always\"|\"missing\"|\"never\") (default \"missing\")")
        Flag.toggle("read-only", \.readOnly, "Mount the container's root filesystem as read only")
        Flag.value("restart", \.restart, "Restart policy to apply when a container exits (default \"no\")")
        Flag.toggle("rm", \.remove, "Automatically remove the container when it exits")
        Flag.value("runtime", \.runtime, "Runtime to use for this container: socle, runc, crun or a path")
        Flag.list("security-opt", \.securityOptions, "Security Options")
        Flag.value("shm-size", \.sharedMemory, as: "bytes", "Size of /dev/shm")
        Flag.value("stop-signal", \.stopSignal, "Signal to stop a container (default \"SIGTERM\")")
        Flag.value("stop-timeout", \.stopTimeout, as: "int", "Timeout (in seconds) to stop a container")
        Flag.list("sysctl", \.sysctls, as: "map", "Sysctl options")
        Flag.list("tmpfs", \.tmpfs, "Mount a tmpfs directory")
        Flag.toggle("tty", short: "t", \.terminal, "Allocate a pseudo-TTY")
        Flag.list("ulimit", \.ulimits, as: "ulimit", "Ulimit options")
        Flag.value("user", short: "u", \.user, "Username or UID (format: <name|uid>[:<group|gid>])")
        Flag.list("volume", short: "v", \.volumes, "Bind mount a volume")
        Flag.value("workdir", short: "w", \.workingDirectory, "Working directory inside the container")
    }

    /// Docker's other flags, which this version refuses.
    @FlagListing<RunOptions> static var refused: [Flag<RunOptions>] {
        Flag.refused([
            "blkio-weight", "blkio-weight-device", "cgroup-parent", "cgroupns", "cpu-rt-period",
            "cpu-rt-runtime", "device-cgroup-rule", "device-read-bps", "device-read-iops",
            "device-write-bps", "device-write-iops", "gpus", "health-cmd", "health-interval",
            "health-retries",
            "health-start-interval", "health-start-period", "health-timeout", "ip6", "ipc", "isolation",
            "kernel-memory", "link", "link-local-ip", "memory-swappiness",
            "pid", "storage-opt", "userns", "uts", "volume-driver",
            "volumes-from",
        ])
        Flag.refused(["disable-content-trust", "no-healthcheck", "use-api-socket"], takesValue: false)
    }
}

/// `--add-host name:address`.
struct HostArgument: ArgumentValue, Hashable {
    var text: String

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw ArgumentError("bad format for add-host: \(GoText.quoted(argument))")
        }
        let isAddress =
            parts[1] == "host-gateway"
            || parts[1].utf8.allSatisfy { "0123456789abcdefABCDEF:.[]%".utf8.contains($0) } && !parts[1].isEmpty
        guard isAddress else {
            throw ArgumentError("invalid IP address in add-host: \(GoText.quoted(String(parts[1])))")
        }
        text = argument
    }
}
