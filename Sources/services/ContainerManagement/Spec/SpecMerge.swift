import ContainerRuntime
package import OCISpec
package import Reporting
package import SystemPackage

/// Everything that a container's specification is made from. Making it looks at nothing else.
package struct SpecMerge: Sendable {
    package var id: String
    package var request: RunRequest
    /// The request laid over the image's config.
    package var config: ContainerConfig
    /// Who runs, as the image's own tables say.
    package var user: RuntimeSpec.User
    /// The user mounts, decided.
    package var mountPoints: [MountPoint] = []
    /// What is mounted for one step of a build.
    package var stepMounts: [RuntimeSpec.Mount] = []
    /// The container's own folder, with `hostname`, `hosts` and `resolv.conf` in it.
    package var folder: FilePath
    /// The root of the container's file system for runtimes that take a path.
    package var root: FilePath
    /// What `--device` and `--privileged` found on the host.
    package var devices: [FoundDevice] = []
    /// The numbers of the devices that limits name.
    package var limitedDevices: [String: DeviceNumber] = [:]
    /// Docker's default profile for the capabilities given.
    package var seccomp: @Sendable ([String]) -> RuntimeSpec.Seccomp? = { _ in nil }
    package var terminalSize: RuntimeSpec.ConsoleSize?

    /// A device of the host's, and what the container may do with it (`rwm`).
    package struct FoundDevice: Sendable, Hashable {
        package var node: RuntimeSpec.Device
        package var permissions: String

        package init(node: RuntimeSpec.Device, permissions: String) {
            self.node = node
            self.permissions = permissions
        }
    }

    package init(
        id: String,
        request: RunRequest,
        config: ContainerConfig,
        user: RuntimeSpec.User,
        folder: FilePath,
        root: FilePath
    ) {
        self.id = id
        self.request = request
        self.config = config
        self.user = user
        self.folder = folder
        self.root = root
    }

    /// The name that the container has of its own: asked for, the host's on its network, or the id's beginning.
    package func hostname(_ host: HostFacts) -> String {
        if !config.hostname.isEmpty { return config.hostname }
        return request.network == .host || request.sharing.sharesNames ? host.hostname() : String(id.prefix(12))
    }

    /// Merges; what Docker's daemon refuses is refused here in its words.
    package func specification(_ host: HostFacts) throws(PlainFailure) -> RuntimeSpec {
        let security = try SecurityOptions(request)
        let name = hostname(host)
        var spec = RuntimeDefaults.spec(
            id: id,
            process: try process(hostname: name, security: security, host: host),
            root: .init(path: root.string, readonly: request.readOnly ? true : nil),
            hostname: name,
            hostNetwork: request.network == .host,
            privateCgroup: try hasPrivateGroups(host)
        )
        if !config.domainname.isEmpty { spec.domainname = config.domainname }
        spec.mounts = mounts()
        spec.annotations = request.annotations
        try adjust(&spec.linux, security: security, host: host)
        try share(&spec)
        let capabilities = spec.process?.capabilities?.bounding ?? []
        switch security.seccomp {
        case .none: break
        case .builtin: spec.linux?.seccomp = seccomp(capabilities)
        case .profile(let text):
            spec.linux?.seccomp = try Self.profile(text).specification(
                capabilities: capabilities,
                kernel: host.kernelRelease()
            )
        }
        return spec
    }

    /// Gives it users of its own, who are nobody on the host.
    private func separateUsers(_ spec: inout RuntimeSpec, _ first: UInt32) {
        let map = [RuntimeSpec.IDMapping(containerID: 0, hostID: first, size: NamespaceRequest.userCount)]
        spec.linux?.uidMappings = map
        spec.linux?.gidMappings = map
        spec.linux?.namespaces?.append(.init(.user))
        guard request.network == .none else {
            // Its network is one of the host's users: the kernel shows a new sysfs only to whom the network belongs.
            if let index = spec.mounts?.firstIndex(where: { $0.destination == "/sys" && $0.type == "sysfs" }) {
                spec.mounts?[index] = .init(
                    "/sys",
                    type: "bind",
                    source: "/sys",
                    options: ["rbind", "rprivate", "rro", "nosuid", "noexec", "nodev"]
                )
            }
            return
        }
        if spec.linux?.sysctl?["net.ipv4.ping_group_range"]
            == RuntimeDefaults.networkSysctls["net.ipv4.ping_group_range"]
        {
            spec.linux?.sysctl?["net.ipv4.ping_group_range"] = "0 \(NamespaceRequest.userCount - 1)"
        }
    }

    private static func profile(_ text: String) throws(PlainFailure) -> SeccompDocument {
        do { return try SeccompDocument(text) } catch {
            throw PlainFailure(.invalidArgument, "Decoding seccomp profile failed: \(error.description)")
        }
    }

    private func hasPrivateGroups(_ host: HostFacts) throws(PlainFailure) -> Bool {
        let isUnified = host.hasUnifiedCgroups()
        guard let asked = request.sharing.controlGroups else { return !request.privileged && isUnified }
        if asked == .own, request.privileged, !isUnified {
            throw PlainFailure(
                .invalidArgument,
                "privileged mode is incompatible with private cgroup namespaces.  You must run the container in the "
                    + "host cgroup namespace when running privileged mode"
            )
        }
        return asked == .own
    }

    /// Takes away the namespaces that aren't the container's own. Those of other containers are joined when it is started.
    private func share(_ spec: inout RuntimeSpec) throws(PlainFailure) {
        let sharing = request.sharing
        try sharing.check(request)
        if let path = request.groupPath(id) { spec.linux?.cgroupsPath = path }
        if let first = sharing.firstUser { separateUsers(&spec, first) }
        if sharing.sharesNames {
            spec.hostname = nil
            spec.linux?.namespaces?.removeAll { $0.type == .uts }
        }
        if sharing.processes == .host { spec.linux?.namespaces?.removeAll { $0.type == .pid } }
        if sharing.ipc == .host { spec.linux?.namespaces?.removeAll { $0.type == .ipc } }
    }

    private func process(
        hostname: String,
        security: SecurityOptions,
        host: HostFacts
    ) throws(PlainFailure) -> RuntimeSpec.Process {
        var process = RuntimeSpec.Process(
            args: config.arguments,
            env: environment(hostname: hostname),
            cwd: config.workingDir.isEmpty ? "/" : ContainerPath.cleaned(config.workingDir),
            user: user
        )
        let available = try grantableCapabilities(host)
        let capabilities = try CapabilityList.resolve(
            adding: request.capabilitiesAdded,
            dropping: request.capabilitiesDropped,
            privileged: request.privileged,
            available: available
        )
        process.capabilities = .init(holding: capabilities, uid: user.uid)
        if request.terminal {
            process.terminal = true
            process.consoleSize = terminalSize
        }
        // Who can't take a right away for good keeps every program in the container from getting it.
        let keepsMore = !available.contains("CAP_SETPCAP") && !Set(capabilities).isSuperset(of: available)
        if security.noNewPrivileges || keepsMore { process.noNewPrivileges = true }
        switch security.appArmor {
        case .none: break
        case .standard: process.apparmorProfile = host.standardAppArmorProfile()
        case .named(let profile):
            guard host.hasAppArmor() else {
                throw PlainFailure(
                    .unsupported,
                    "--security-opt \"apparmor=\(profile)\": this kernel has no AppArmor, so the profile would protect nothing"
                )
            }
            process.apparmorProfile = profile
        }
        guard (-1000...1000).contains(request.oomScoreAdjustment) else {
            throw PlainFailure(
                .invalidArgument,
                "Invalid value \(request.oomScoreAdjustment), range for oom score adj is [-1000, 1000]"
            )
        }
        process.oomScoreAdj = request.oomScoreAdjustment
        if !request.ulimits.isEmpty {
            process.rlimits = try request.ulimits.map { ulimit throws(PlainFailure) in try ulimit.limit() }
        }
        return process
    }

    /// What the container can be given: what this process has, or everything in a user namespace of its own.
    private func grantableCapabilities(_ host: HostFacts) throws(PlainFailure) -> [String] {
        let own = host.capabilities()
        if !own.contains("CAP_SYS_ADMIN") {
            throw PlainFailure(
                .forbidden,
                "containers need the capability CAP_SYS_ADMIN, which socle itself lacks here",
                hint: "give it CAP_SYS_ADMIN, or run socle as an ordinary user, for whom it makes a user namespace"
            )
        }
        if !request.additionalGroups.isEmpty, request.sharing.firstUser == nil, !own.contains("CAP_SETGID") {
            throw PlainFailure(.forbidden, "--group-add needs the capability CAP_SETGID, which socle itself lacks here")
        }
        return request.sharing.firstUser == nil ? own : RuntimeDefaults.allCapabilities
    }

    private func environment(hostname: String) -> [String] {
        let own = [RuntimeDefaults.path, "HOSTNAME=\(hostname)"] + (request.terminal ? ["TERM=xterm"] : [])
        return EnvironmentList.merged(own, with: config.env)
    }

    private func adjust(
        _ linux: inout RuntimeSpec.Linux?,
        security: SecurityOptions,
        host: HostFacts
    ) throws(PlainFailure) {
        guard var value = linux else { return }
        try request.limits.check(cpuCount: host.cpuCount())
        try request.limits.checkSets(host)
        var resources = value.resources ?? .init()
        request.limits.apply(to: &resources, devices: limitedDevices)
        if request.privileged { resources.devices = [.init(allow: true, access: "rwm")] }
        for device in devices where !request.privileged {
            resources.devices?.append(
                .init(
                    allow: true,
                    type: device.node.type,
                    major: device.node.major,
                    minor: device.node.minor,
                    access: device.permissions
                )
            )
        }
        if !request.privileged { resources.devices? += (request.deviceRules ?? []).map(\.rule) }
        value.resources = resources
        if !devices.isEmpty { value.devices = devices.map(\.node) }
        if !security.masksPaths {
            value.maskedPaths = nil
            value.readonlyPaths = nil
        }
        if !request.sysctls.isEmpty {
            value.sysctl = (value.sysctl ?? [:]).merging(request.sysctls) { _, asked in asked }
        }
        value.rootfsPropagation = rootPropagation
        linux = value
    }

    /// A mount that is shared with the host needs a root that passes it on.
    private var rootPropagation: String? {
        let wanted = Set(mountPoints.map(\.propagation))
        if !wanted.isDisjoint(with: ["shared", "rshared"]) { return "shared" }
        if !wanted.isDisjoint(with: ["slave", "rslave"]) { return "rslave" }
        return nil
    }
}
