import ContainerManagement
import ContainerMonitor
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

extension RunOptions {
    /// What the engine is asked for, with the image and its command as operands.
    ///
    /// Files are read and the caller's variables looked up here.
    func request(_ operands: [String]) throws -> RunRequest {
        guard let image = operands.first, !image.isEmpty else {
            throw PlainFailure(.invalidArgument, "invalid reference format")
        }
        var request = RunRequest(image: image, command: Array(operands.dropFirst()))
        request.platform = platform?.platform
        request.entrypoint = entrypoint.map { $0.isEmpty ? [] : [$0] }
        request.name = name
        request.remove = remove
        request.interactive = interactive
        request.terminal = terminal
        request.environment = try variables()
        request.labels = try allLabels().dictionary
        request.workingDirectory = workingDirectory
        request.user = user
        request.additionalGroups = additionalGroups
        request.hostname = hostname
        request.domainname = domainname
        request.mounts = try allMounts()
        request.readOnly = readOnly
        try connect(&request)
        request.extraHosts = extraHosts.map(\.text)
        request.nameServers = nameServers.map(\.text)
        request.searchDomains = searchDomains.map(\.text)
        request.resolverOptions = resolverOptions.map(\.text)
        request.capabilitiesAdded = capabilitiesAdded
        request.capabilitiesDropped = capabilitiesDropped
        request.privileged = privileged
        request.securityOptions = securityOptions
        try readProfiles(&request)
        try checkConstants()
        request.usesInit = usesInit
        request.runtime = runtime
        request.stopSignal = stopSignal
        request.stopTimeout = stopTimeout
        if let swappiness = limits.memorySwappiness, !(-1...100).contains(swappiness) {
            throw ArgumentError("invalid value: \(swappiness). Valid memory swappiness range is 0-100")
        }
        limits.change(&request.limits)
        let sharing = try sharedNamespaces()
        if sharing != NamespaceRequest() { request.namespaces = sharing }
        request.controlGroupParent = controlGroupParent
        if !deviceRules.isEmpty { request.deviceRules = deviceRules.map(\.request) }
        request.ulimits = ulimits.requests
        request.sysctls = sysctls.map(\.setting).dictionary
        if !annotations.isEmpty { request.annotations = annotations.dictionary }
        request.sharedMemorySize = sharedMemory?.bytes
        request.devices = devices.map(\.request)
        request.oomScoreAdjustment = oomScoreAdjustment
        if logDriver != nil || !logOptions.isEmpty {
            let options = logOptions.dictionary
            if logDriver == "none", !options.isEmpty { throw ArgumentError("invalid logging opts for driver none") }
            request.log = try LogPolicy(driver: logDriver ?? "", options: options)
        }
        request.health = try health()
        if !volumesFrom.isEmpty { request.volumesFrom = volumesFrom }
        request.restart = try restart.map(Self.restartPolicy)
        if remove, let policy = request.restart, policy.name != .no {
            throw ArgumentError("conflicting options: cannot specify both --restart and --rm")
        }
        return request
    }

    /// The command reads the number, the engine all else.
    private static func restartPolicy(_ text: String) throws -> RestartPolicy {
        if let reason = RestartPolicy.unreadable(text) { throw ArgumentError(reason) }
        return try RestartPolicy(text)
    }

    private func sharedNamespaces() throws(ArgumentError) -> NamespaceRequest {
        do throws(PlainFailure) {
            return try NamespaceRequest(
                ipc: ipc,
                pid: pid,
                uts: uts,
                userns: userNamespace,
                cgroupns: cgroupNamespace
            )
        } catch { throw ArgumentError(error.description) }
    }

    /// Puts the flags about networks into a request.
    private func connect(_ request: inout RunRequest) throws {
        request.network = try networks.first?.mode ?? Self.standardNetwork()
        request.connection.ports = published.flatMap(\.ports)
        request.connection.publishesAll = publishesAll
        request.connection.exposed = exposed.flatMap(\.ports)
        if let first = networks.first { request.connection.endpoint = first.endpoint }
        if let ip { request.connection.endpoint.address = ip }
        if let macAddress, !EndpointRequest.isHardwareAddress(macAddress) {
            throw ArgumentError("\(macAddress) is not a valid mac address")
        }
        if let ip6 { request.connection.endpoint.ipv6Address = ip6 }
        if !linkLocalAddresses.isEmpty {
            request.connection.endpoint.linkLocalAddresses =
                (request.connection.endpoint.linkLocalAddresses ?? []) + linkLocalAddresses
        }
        if let macAddress { request.connection.endpoint.hardwareAddress = macAddress }
        request.connection.endpoint.aliases += networkAliases
        for network in networks.dropFirst() {
            guard case .network(let name) = network.mode, case .network = request.network else {
                throw ArgumentError(
                    "conflicting options: cannot attach both user-defined and non-user-defined network-modes"
                )
            }
            request.connection.others[name] = network.endpoint
        }
    }

    /// What is said of the container's health; nil where nothing is.
    private func health() throws(ArgumentError) -> Healthcheck? {
        let times = [
            ("interval", healthInterval), ("timeout", healthTimeout), ("start-period", healthStartPeriod),
            ("start-interval", healthStartInterval),
        ]
        let isAsked =
            healthCommand.map { !$0.isEmpty } ?? false || healthRetries ?? 0 != 0
            || times.contains { $0.1?.nanoseconds ?? 0 != 0 }
        if hasNoHealthcheck {
            if isAsked { throw ArgumentError("--no-healthcheck conflicts with --health-* options") }
            return Healthcheck(test: ["NONE"])
        }
        guard isAsked else { return nil }
        for (name, time) in times where (time?.nanoseconds ?? 0) < 0 {
            throw ArgumentError("--health-\(name) cannot be negative")
        }
        if healthRetries ?? 0 < 0 { throw ArgumentError("--health-retries cannot be negative") }
        var check = Healthcheck(test: (healthCommand ?? "").isEmpty ? [] : ["CMD-SHELL", healthCommand ?? ""])
        check.interval = healthInterval?.nanoseconds ?? 0
        check.timeout = healthTimeout?.nanoseconds ?? 0
        check.startPeriod = healthStartPeriod?.nanoseconds ?? 0
        check.startInterval = healthStartInterval?.nanoseconds ?? 0
        check.retries = healthRetries ?? 0
        return check
    }

    /// The network of who names none: the bridge, or what stands for it where the user can't make one.
    private static func standardNetwork() throws -> NetworkMode {
        if let name = Terminal.environment("SOCLE_NETWORK"), !name.isEmpty {
            return try NetworkArgument(argument: name).mode
        }
        return .bridge
    }

    /// What can only be one thing here, whatever flag says it.
    private func checkConstants() throws {
        if !signsNothing {
            throw ArgumentError("unsupported flag: --disable-content-trust=false: Docker's Notary is not asked")
        }
        if let isolation, !["", "default"].contains(isolation.lowercased()) {
            throw PlainFailure(
                .invalidArgument,
                "Invalid isolation: \(GoText.quoted(isolation)) - linux only supports 'default'"
            )
        }
        if let volumeDriver, !["", "local"].contains(volumeDriver) {
            throw PlainFailure(.notFound, "error looking up volume plugin \(volumeDriver): plugin not found")
        }
        for option in storageOptions {
            guard option.contains("=") else { throw ArgumentError("invalid storage option") }
            throw PlainFailure(
                .unsupported,
                "--storage-opt is supported only for overlay over xfs with 'pquota' mount option"
            )
        }
    }

    /// Reads the profiles as Docker's command does: what the container keeps is their text.
    private func readProfiles(_ request: inout RunRequest) throws {
        do {
            try request.readSecurityProfiles { file in
                let bytes: [UInt8]
                do { bytes = try InputFile.read(file) } catch {
                    throw ArgumentError("opening seccomp profile (\(file)) failed: \(error)")
                }
                do { return try JSONValue(parsing: bytes).serialized() } catch {
                    throw ArgumentError("compacting json for seccomp profile (\(file)) failed: \(error)")
                }
            }
        } catch let failure as PlainFailure { throw ArgumentError(failure.description) }
    }

    private func variables() throws -> [String] {
        var variables: [VariableArgument] = []
        for file in environmentFiles { variables += try EnvironmentFile(InputFile.read(file), name: file).variables }
        return (variables + environment).compactMap { $0.resolved(Terminal.environment) }
    }

    private func allLabels() throws -> [KeyValue] {
        var labels: [KeyValue] = []
        for file in labelFiles {
            // As with Docker, a name alone is no label in a file.
            labels += try EnvironmentFile(InputFile.read(file), name: file).variables.compactMap { variable in
                variable.value.map { KeyValue(key: variable.name, value: $0) }
            }
        }
        return labels + self.labels
    }

    private func allMounts() throws -> [MountRequest] {
        let directory = volumes.isEmpty ? nil : Terminal.workingDirectory()
        return try volumes.map { try MountRequest(volume: VolumeArgument.completed($0, in: directory)) }
            + mounts.map(\.request) + tmpfs.map { try MountRequest(tmpfs: $0) }
    }
}

/// A small file that the user named.
enum InputFile {
    private static let limit = 16 << 20

    static func read(_ path: String) throws(ArgumentError) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            defer { try? file.close() }
            return try DescriptorIO.readAll(file.rawValue, limit: limit)
        } catch let error as SystemError {
            throw ArgumentError("\(error.call) \(path): \(SystemError.reason(error.errno.rawValue))")
        } catch { throw ArgumentError("open \(path): \("\(error)".lowercased())") }
    }
}
