/// What Docker gives to every container unless it is told otherwise, as data: the values of Docker 20.10.
///
/// Both a `run` and a build's RUN start from `RuntimeDefaults.spec`.
public enum RuntimeDefaults {
    /// The search path of a container whose image sets none.
    public static let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The capabilities that root in a container has.
    public static let capabilities = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",
        "CAP_AUDIT_WRITE",
    ]

    /// Every capability that Linux has, by number.
    public static let allCapabilities = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
        "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO",
        "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
        "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ]

    /// What a container must not see: an empty file or folder lies on top.
    public static let maskedPaths = [
        "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    ]

    /// What a container may only read.
    public static let readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

    /// The size of `/dev/shm` in bytes.
    public static let sharedMemorySize: Int64 = 67_108_864

    /// The kernel's own file systems, in the order in which they are mounted.
    public static func mounts(sharedMemorySize: Int64 = sharedMemorySize) -> [RuntimeSpec.Mount] {
        [
            .init("/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
            .init(
                "/dev",
                type: "tmpfs",
                source: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]
            ),
            .init(
                "/dev/pts",
                type: "devpts",
                source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]
            ),
            .init("/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"]),
            .init(
                "/sys/fs/cgroup",
                type: "cgroup",
                source: "cgroup",
                options: ["ro", "nosuid", "noexec", "nodev"]
            ),
            .init("/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
            .init(
                "/dev/shm",
                type: "tmpfs",
                source: "shm",
                options: ["nosuid", "noexec", "nodev", "mode=1777", "size=\(sharedMemorySize)"]
            ),
        ]
    }

    /// Which devices may be used: null, zero, full, random, urandom, tty, console. Runtimes add what they make.
    public static let deviceRules: [RuntimeSpec.DeviceRule] = [
        .init(allow: false, access: "rwm"),
        .init(allow: true, type: "c", major: 1, minor: 5, access: "rwm"),
        .init(allow: true, type: "c", major: 1, minor: 3, access: "rwm"),
        .init(allow: true, type: "c", major: 1, minor: 9, access: "rwm"),
        .init(allow: true, type: "c", major: 1, minor: 8, access: "rwm"),
        .init(allow: true, type: "c", major: 5, minor: 0, access: "rwm"),
        .init(allow: true, type: "c", major: 5, minor: 1, access: "rwm"),
        .init(allow: false, type: "c", major: 10, minor: 229, access: "rwm"),
    ]

    /// What a network namespace of its own makes safe: low ports and ping for everyone inside.
    public static let networkSysctls = [
        "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647",
    ]

    /// `hostNetwork` leaves the network namespace out; a private control group namespace is Docker's choice on
    /// version 2 hierarchies only.
    public static func namespaces(hostNetwork: Bool, privateCgroup: Bool) -> [RuntimeSpec.Namespace] {
        let kinds: [RuntimeSpec.Namespace.Kind] =
            [.mount] + (hostNetwork ? [] : [.network]) + [.uts, .pid, .ipc] + (privateCgroup ? [.cgroup] : [])
        return kinds.map { .init($0) }
    }

    /// A container with Docker's defaults around `process`; everything may be changed afterwards.
    /// The seccomp profile is not part of it.
    public static func spec(
        id: String,
        process: RuntimeSpec.Process,
        root: RuntimeSpec.Root,
        hostname: String,
        hostNetwork: Bool,
        privateCgroup: Bool
    ) -> RuntimeSpec {
        var spec = RuntimeSpec()
        spec.process = process
        if spec.process?.capabilities == nil { spec.process?.capabilities = .init(holding: capabilities) }
        spec.process?.oomScoreAdj = process.oomScoreAdj ?? 0
        spec.root = root
        spec.hostname = hostname
        spec.mounts = mounts()
        var linux = RuntimeSpec.Linux()
        linux.cgroupsPath = "/socle/\(id)"
        linux.namespaces = namespaces(hostNetwork: hostNetwork, privateCgroup: privateCgroup)
        linux.resources = .init()
        linux.resources?.devices = deviceRules
        linux.maskedPaths = maskedPaths
        linux.readonlyPaths = readonlyPaths
        if !hostNetwork { linux.sysctl = networkSysctls }
        spec.linux = linux
        return spec
    }
}
