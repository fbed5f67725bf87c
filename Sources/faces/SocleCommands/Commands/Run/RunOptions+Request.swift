import ContainerManagement
import ContainerMonitor
import LinuxSystem
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
        request.nameServers = nameServers
        request.searchDomains = searchDomains
        request.resolverOptions = resolverOptions
        request.capabilitiesAdded = capabilitiesAdded
        request.capabilitiesDropped = capabilitiesDropped
        request.privileged = privileged
        request.securityOptions = securityOptions
        request.usesInit = usesInit
        request.runtime = runtime
        request.stopSignal = stopSignal
        request.stopTimeout = stopTimeout
        request.limits = limits
        request.ulimits = ulimits.map(\.request)
        request.sysctls = sysctls.dictionary
        request.sharedMemorySize = sharedMemory?.bytes
        request.devices = devices.map(\.request)
        request.oomScoreAdjustment = oomScoreAdjustment
        if logDriver != nil || !logOptions.isEmpty {
            request.log = try LogPolicy(driver: logDriver ?? "", options: logOptions.dictionary)
        }
        request.restart = try restart.map { text throws(PlainFailure) in try RestartPolicy(text) }
        if remove, let policy = request.restart, policy.name != .no {
            throw ArgumentError("conflicting options: cannot specify both --restart and --rm")
        }
        return request
    }

    /// Puts the flags about networks into a request.
    private func connect(_ request: inout RunRequest) throws {
        request.network = try networks.first?.mode ?? Self.standardNetwork()
        request.connection.ports = published.flatMap(\.ports)
        request.connection.publishesAll = publishesAll
        request.connection.exposed = exposed.flatMap(\.ports)
        if let first = networks.first { request.connection.endpoint = first.endpoint }
        if let ip { request.connection.endpoint.address = ip }
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

    /// The network of who names none: the bridge, where one can be made.
    private static func standardNetwork() throws -> NetworkMode {
        if let name = Terminal.environment("SOCLE_NETWORK"), !name.isEmpty {
            return try NetworkArgument(argument: name).mode
        }
        return Terminal.isRoot ? .bridge : .none
    }

    private var limits: ResourceLimits {
        var limits = ResourceLimits()
        limits.memory = memory?.bytes
        limits.memorySwap = memorySwap?.bytes
        limits.memoryReservation = memoryReservation?.bytes
        limits.nanoCPUs = cpus?.billionths
        limits.cpuShares = cpuShares
        limits.cpuPeriod = cpuPeriod
        limits.cpuQuota = cpuQuota
        limits.cpusetCPUs = cpusetCPUs
        limits.cpusetMems = cpusetMems
        limits.pids = pids
        limits.oomKillDisabled = oomKillDisabled
        return limits
    }

    private func variables() throws -> [String] {
        var variables: [VariableArgument] = []
        for file in environmentFiles { variables += try EnvironmentFile(InputFile.read(file), name: file).variables }
        return (variables + environment).compactMap { $0.resolved(Terminal.environment) }
    }

    private func allLabels() throws -> [KeyValue] {
        var labels: [KeyValue] = []
        for file in labelFiles {
            labels += try EnvironmentFile(InputFile.read(file), name: file).variables.map {
                KeyValue(key: $0.name, value: $0.value ?? "")
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

    static func read(_ path: String) throws -> [UInt8] {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            defer { try? file.close() }
            return try DescriptorIO.readAll(file.rawValue, limit: limit)
        } catch let code as Errno {
            throw ArgumentError("open \(path): \(code.description.lowercased())")
        }
    }
}
