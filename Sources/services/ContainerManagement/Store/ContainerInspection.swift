import ContainerMonitor
import ContainerRuntime
import LinuxSystem
import OCISpec
import SystemPackage

/// `docker inspect` of a container: Docker's fields in Docker's order.
struct ContainerInspection {
    var container: Container
    /// The container's folder.
    var folder: FilePath
    /// The folders of the layers, top first.
    var lowers: [FilePath]
    /// What it takes, where that is asked for.
    var size: ContainerSize?
    /// The network of a mode that every machine has, by its name.
    var network: (String) throws -> ContainerNetworkState

    private var request: RunRequest { container.document.request }
    private var config: ContainerConfig { container.document.config }

    var value: JSONValue {
        let arguments = config.arguments
        var value: JSONObject = [
            "Id": .string(container.id),
            "Created": .string(Timestamp(epochNanoseconds: container.createdAt).text),
            "Path": .string(arguments.first ?? ""),
            "Args": JSONValue(strings: Array(arguments.dropFirst())),
            "State": state,
            "Image": .string(container.image.description),
            "ResolvConfPath": .string(folder.appending("resolv.conf").string),
            "HostnamePath": .string(folder.appending("hostname").string),
            "HostsPath": .string(folder.appending("hosts").string),
            "LogPath": .string(logPath),
            "Name": .string("/" + container.name),
            "RestartCount": .integer(Int64(container.restarts)), "Driver": .string(container.document.storageDriver.rawValue), "Platform": "linux", "MountLabel": "", "ProcessLabel": "",
            "AppArmorProfile": .string(appArmorProfile), "ExecIDs": execs,
            "HostConfig": HostConfigInspection(request: request, mounts: container.document.mountPoints).value,
            "GraphDriver": graphDriver,
        ]
        if let size {
            value["SizeRw"] = .integer(size.written)
            value["SizeRootFs"] = .integer(size.whole)
        }
        // What `--tmpfs` asked for is in the host's configuration only.
        value["Mounts"] = .array(
            container.document.mountPoints.filter { $0.kind != .tmpfs || $0.fromMountOption }.map(Self.mount)
        )
        value["Config"] = configuration
        value["NetworkSettings"] = networkSettings
        return .object(value)
    }

    /// What the container gets at its next start, as far as the kernel has it.
    private var appArmorProfile: String {
        guard DefaultAppArmorProfile.isPossible, let security = try? SecurityOptions(request) else { return "" }
        switch security.appArmor {
        case .none: return "unconfined"
        case .standard: return DefaultAppArmorProfile.isLoaded ? DefaultAppArmorProfile.name : ""
        case .named(let name): return name
        }
    }

    private var execs: JSONValue {
        let running = container.isRunning ? ExecRecord.running(in: folder) : []
        return running.isEmpty ? .null : JSONValue(strings: running)
    }

    private var logPath: String {
        (request.log ?? .standard).file(id: container.id).map { folder.appending($0).string } ?? ""
    }

    private var state: JSONValue {
        var (pid, code, outOfMemory) = (Int32(0), Int32(0), false)
        var (started, finished) = (Timestamp.zero, Timestamp.zero)
        switch container.state {
        case .created(let exit): code = exit
        case .running(let process, let startedAt), .paused(let process, let startedAt):
            pid = process
            started = Timestamp(epochNanoseconds: startedAt)
        case .restarting(let exit, let startedAt, let finishedAt):
            code = exit
            started = Timestamp(epochNanoseconds: startedAt)
            finished = Timestamp(epochNanoseconds: finishedAt)
        case .exited(let exit, let killed, let startedAt, let finishedAt):
            (code, outOfMemory) = (exit, killed)
            started = Timestamp(epochNanoseconds: startedAt)
            finished = Timestamp(epochNanoseconds: finishedAt)
        }
        let word = container.state.word
        var value: JSONObject = [
            "Status": .string(word), "Running": .bool(container.isRunning), "Paused": .bool(word == "paused"),
            "Restarting": .bool(word == "restarting"), "OOMKilled": .bool(outOfMemory), "Dead": false, "Pid": .integer(Int64(pid)),
            "ExitCode": .integer(Int64(code)), "Error": .string(container.error), "StartedAt": .string(started.text),
            "FinishedAt": .string(finished.text),
        ]
        if let health = container.health { value["Health"] = Self.health(health) }
        return .object(value)
    }

    private static func health(_ record: HealthRecord) -> JSONValue {
        [
            "Status": .string(record.status.rawValue), "FailingStreak": .integer(Int64(record.failures)),
            "Log": .array(
                record.log.map { probe in
                    [
                        "Start": .string(Timestamp(epochNanoseconds: probe.start).text),
                        "End": .string(Timestamp(epochNanoseconds: probe.end).text),
                        "ExitCode": .integer(Int64(probe.code)), "Output": .string(probe.output),
                    ]
                }
            ),
        ]
    }

    private var graphDriver: JSONValue {
        let driver = container.document.storageDriver
        if driver == .copies { return ["Data": nil, "Name": .string(driver.rawValue)] }
        return [
            "Data": [
                "LowerDir": .string(lowers.map(\.string).joined(separator: ":")),
                "MergedDir": .string(folder.appending("merged").string),
                "UpperDir": .string(folder.appending("upper").string),
                "WorkDir": .string(folder.appending("work").string),
            ],
            "Name": .string(driver.rawValue),
        ]
    }

    private static func mount(_ point: MountPoint) -> JSONValue {
        var value: JSONObject = ["Type": .string(point.kind.rawValue)]
        if let name = point.name { value["Name"] = .string(name) }
        value["Source"] = .string(point.source)
        value["Destination"] = .string(point.destination)
        if point.kind == .volume { value["Driver"] = "local" }
        value["Mode"] = .string(point.mode)
        value["RW"] = .bool(!point.readOnly)
        value["Propagation"] = .string(point.propagation)
        return .object(value)
    }

    private var configuration: JSONValue {
        var value: JSONObject = [
            "Hostname": .string(container.document.hostname), "Domainname": .string(config.domainname),
            "User": .string(config.user), "AttachStdin": .bool(config.attachStdin),
            "AttachStdout": .bool(config.attachStdout), "AttachStderr": .bool(config.attachStderr),
        ]
        if !config.exposedPorts.isEmpty { value["ExposedPorts"] = Self.set(config.exposedPorts) }
        value["Tty"] = .bool(config.tty)
        value["OpenStdin"] = .bool(config.openStdin)
        value["StdinOnce"] = .bool(config.stdinOnce)
        value["Env"] = config.env.isEmpty ? JSONValue.null : JSONValue(strings: config.env)
        value["Cmd"] = config.cmd.map(JSONValue.init(strings:)) ?? .null
        if let check = config.healthcheck { value["Healthcheck"] = Self.healthcheck(check) }
        value["Image"] = .string(config.image)
        value["Volumes"] = config.volumes.isEmpty ? .null : Self.set(config.volumes)
        value["WorkingDir"] = .string(config.workingDir)
        value["Entrypoint"] = config.entrypoint.map(JSONValue.init(strings:)) ?? .null
        if let address = request.connection.endpoint.hardwareAddress { value["MacAddress"] = .string(address) }
        value["OnBuild"] = .null
        value["Labels"] = .object(JSONObject(config.labels))
        if !config.stopSignal.isEmpty { value["StopSignal"] = .string(config.stopSignal) }
        if let timeout = config.stopTimeout { value["StopTimeout"] = .integer(Int64(timeout)) }
        if let shell = config.shell { value["Shell"] = JSONValue(strings: shell) }
        return .object(value)
    }

    private static func set(_ names: Set<String>) -> JSONValue {
        .object(names.sorted().reduce(into: JSONObject()) { $0[$1] = .object(JSONObject()) })
    }

    private static func healthcheck(_ check: Healthcheck) -> JSONValue {
        var value = JSONObject()
        if !check.test.isEmpty { value["Test"] = JSONValue(strings: check.test) }
        for (key, time) in [
            ("Interval", check.interval), ("Timeout", check.timeout), ("StartPeriod", check.startPeriod),
            ("StartInterval", check.startInterval),
        ] where time != 0 {
            value[key] = .integer(time)
        }
        if check.retries != 0 { value["Retries"] = .integer(Int64(check.retries)) }
        return .object(value)
    }

    private var networkSettings: JSONValue { NetworkSettingsInspection(container: container, predefined: network).value }
}
