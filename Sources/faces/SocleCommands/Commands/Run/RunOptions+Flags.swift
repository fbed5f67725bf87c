import LinuxSystem

extension RunOptions {
    /// The flags that say how the container is to be.
    @FlagListing<RunOptions> static var flags: [Flag<RunOptions>] {
        LimitOptions.changeable.map { $0.within(\.limits) }
        LimitOptions.lasting.map { $0.within(\.limits) }
        Flag.list(
            "annotation",
            \.annotations,
            as: "map",
            "Add an annotation to the container (passed through to the OCI runtime)"
        )
        Flag.list("add-host", \.extraHosts, "Add a custom host-to-IP mapping (host:ip)")
        Flag.list("cap-add", \.capabilitiesAdded, "Add Linux capabilities")
        Flag.list("cap-drop", \.capabilitiesDropped, "Drop Linux capabilities")
        Flag.value("cidfile", \.idFile, "Write the container ID to the file")
        Flag.value("cgroup-parent", \.controlGroupParent, "Optional parent cgroup for the container")
        Flag.value("cgroupns", \.cgroupNamespace, "Cgroup namespace to use (host|private)")
        Flag.list("device-cgroup-rule", \.deviceRules, "Add a rule to the cgroup allowed devices list")
        Flag.toggle(
            "disable-content-trust",
            \.signsNothing,
            "Skip image verification by Docker's Notary, which is gone (default true)"
        )
        Flag.value("ipc", \.ipc, "IPC mode to use (private|shareable|none|host|container:NAME)")
        Flag.value("isolation", \.isolation, "Container isolation technology: default")
        Flag.value("pid", \.pid, "PID namespace to use (host|container:NAME)")
        Flag.list("storage-opt", \.storageOptions, "Storage driver options for the container")
        Flag.value("userns", \.userNamespace, "User namespace to use (host|auto)")
        Flag.value("uts", \.uts, "UTS namespace to use (host)")
        Flag.value("volume-driver", \.volumeDriver, "Optional volume driver for the container: local")
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
        Flag.value("health-cmd", \.healthCommand, "Command to run to check health")
        Flag.value("health-interval", \.healthInterval, as: "duration", "Time between running the check (default 30s)")
        Flag.value("health-retries", \.healthRetries, as: "int", "Consecutive failures needed to report unhealthy")
        Flag.value(
            "health-start-interval",
            \.healthStartInterval,
            as: "duration",
            "Time between running the check during the start period (default 5s)"
        )
        Flag.value(
            "health-start-period",
            \.healthStartPeriod,
            as: "duration",
            "Start period for the container to initialize before failures count"
        )
        Flag.value(
            "health-timeout",
            \.healthTimeout,
            as: "duration",
            "Maximum time to allow one check to run (default 30s)"
        )
        Flag.value("hostname", short: "h", \.hostname, "Container host name")
        Flag.toggle("init", \.usesInit, "Run an init inside the container that forwards signals and reaps processes")
        Flag.toggle("interactive", short: "i", \.interactive, "Keep STDIN open even if not attached")
        Flag.value("ip", \.ip, "IPv4 address (e.g., 172.30.100.104)")
        Flag.value("ip6", \.ip6, "IPv6 address (e.g., 2001:db8::33)")
        Flag.list("label", short: "l", \.labels, "Set meta data on a container")
        Flag.list("label-file", \.labelFiles, "Read in a line delimited file of labels")
        Flag.list("link-local-ip", \.linkLocalAddresses, "Container IPv4/IPv6 link-local addresses")
        Flag.value("mac-address", \.macAddress, "Container MAC address (e.g., 92:d0:c6:0a:29:33)")
        Flag.value("log-driver", \.logDriver, "Logging driver for the container: json-file, local or none")
        Flag.list("log-opt", \.logOptions, "Log driver options: max-size, max-file, compress, mode, max-buffer-size, labels, env, tag")
        Flag.list("mount", \.mounts, as: "mount", "Attach a filesystem mount to the container")
        Flag.value("name", \.name, "Assign a name to the container")
        Flag.list("net", \.networks, as: "network", nil)
        Flag.list("net-alias", \.networkAliases, nil)
        Flag.list("network", \.networks, as: "network", "Connect a container to a network (default bridge)")
        Flag.list("network-alias", \.networkAliases, "Add network-scoped alias for the container")
        Flag.toggle("no-healthcheck", \.hasNoHealthcheck, "Disable any container-specified HEALTHCHECK")
        Flag.value("oom-score-adj", \.oomScoreAdjustment, as: "int", "Tune host's OOM preferences (-1000 to 1000)")
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
        Flag.list("volumes-from", \.volumesFrom, "Mount volumes from the specified container(s)")
        Flag.value("workdir", short: "w", \.workingDirectory, "Working directory inside the container")
    }

    /// Docker's other flags, which this version refuses.
    @FlagListing<RunOptions> static var refused: [Flag<RunOptions>] {
        Flag.refused("gpus", "devices of NVIDIA's need its own runtime: --runtime, or --device")
        Flag.refused("link", "use a network of your own (--network): containers on it find each other by their names")
        Flag.refused(["use-api-socket"], takesValue: false)
    }
}

/// `--dns address`.
struct AddressArgument: ArgumentValue, Hashable {
    var text: String

    init(argument: String) throws(ArgumentError) {
        text = argument
        guard InternetAddress.isValid(text) else { throw ArgumentError("\(argument) is not an ip address") }
    }
}

/// `--dns-search domain`, as Docker takes them: letters, digits and hyphens between dots; a dot alone is none.
struct DomainArgument: ArgumentValue, Hashable {
    var text: String

    init(argument: String) throws(ArgumentError) {
        let named = argument.drop { $0 == " " }
        text = String(named[..<(named.lastIndex { $0 != " " }.map(named.index(after:)) ?? named.startIndex)])
        if text == "." { return }
        let complaint = ArgumentError("\(text) is not a valid domain")
        if text.hasSuffix(".") { text.removeLast() }
        let isLetter = { (byte: UInt8) in (0x61...0x7a).contains(byte | 0x20) }
        let isInner = { (byte: UInt8) in isLetter(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isDomain = parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy(isInner) && part.first != UInt8(ascii: "-")
                && part.last != UInt8(ascii: "-")
        }
        guard isDomain, text.utf8.contains(where: isLetter), text.utf8.count < 255 else { throw complaint }
    }
}

/// `--dns-option option`, which is a word of `resolv.conf` and no line of its own.
struct ResolverOptionArgument: ArgumentValue, Hashable {
    var text: String

    init(argument: String) throws(ArgumentError) {
        text = argument
        guard argument.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw ArgumentError("\(GoText.quoted(argument)) has control characters")
        }
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
        guard parts[1] == "host-gateway" || InternetAddress.isValid(String(parts[1])) else {
            throw ArgumentError("invalid IP address in add-host: \(GoText.quoted(String(parts[1])))")
        }
        text = argument
    }
}
