import ContainerManagement
import ContainerRuntime
import OCISpec
import RegistryAccess

/// What `info` tells: Docker's fields, those that mean something here.
struct InfoDocument {
    /// The store's folder.
    var root: String
    var images: Int
    /// The states of the containers, in words.
    var containers: [String]
    var driver: String
    var isDebug: Bool
    var registries: RegistrySettings
    var limits: LimitSupport

    var value: JSONValue {
        [
            "ID": .string(identity), "Containers": count(containers.count), "ContainersRunning": count(of: "running"),
            "ContainersPaused": count(of: "paused"),
            "ContainersStopped": stopped, "Images": count(images),
            "Driver": .string(driver), "Plugins": Self.plugins, "MemoryLimit": .bool(limits.memory), "SwapLimit": .bool(limits.swap),
            "CPUShares": .bool(limits.cpuShares), "CPUSet": .bool(limits.cpuSets), "PidsLimit": .bool(limits.pids),
            "OomKillDisable": .bool(limits.outOfMemoryControl), "Debug": .bool(isDebug), "SystemTime": .string(Timestamp.now.text),
            "LoggingDriver": "json-file", "CgroupDriver": "cgroupfs", "CgroupVersion": .string(String(Host.cgroupVersion)),
            "KernelVersion": .string(Host.kernelVersion), "OperatingSystem": .string(Host.operatingSystem),
            "OSVersion": .string(Host.operatingSystemVersion), "OSType": .string(Platform.host.os),
            "Architecture": .string(Host.machine), "IndexServerAddress": "https://index.docker.io/v1/",
            "RegistryConfig": registryConfig, "NCPU": count(Host.processors), "MemTotal": .integer(Host.memory),
            "GenericResources": nil, "DockerRootDir": .string(root), "Name": .string(Host.name), "Labels": [],
            "ExperimentalBuild": false, "ServerVersion": .string(SocleVersion.text),
            "Runtimes": ["socle": ["path": "socle"], "runc": ["path": "runc"], "crun": ["path": "crun"]],
            "DefaultRuntime": "socle", "Swarm": Self.swarm, "LiveRestoreEnabled": true, "Isolation": "", "InitBinary": "socle",
            "SecurityOptions": JSONValue(strings: securityOptions),
            "Warnings": warnings.isEmpty ? .null : JSONValue(strings: warnings),
            "ClientInfo": ["Debug": .bool(isDebug), "Context": "default", "Plugins": [], "Warnings": nil],
        ]
    }

    private func count(_ number: Int) -> JSONValue { .integer(Int64(number)) }

    private func count(of state: String) -> JSONValue { count(containers.count { $0 == state }) }

    private var stopped: JSONValue { count(containers.count { $0 != "running" && $0 != "paused" }) }

    /// The same for one store of one machine, whatever happens to it. The machine's own number is nobody's business.
    private var identity: String { Digest.of(Array("socle \(Host.identity) \(root)".utf8)).hex }

    private static let plugins: JSONValue = [
        "Volume": ["local"], "Network": ["bridge", "host", "null"], "Authorization": nil, "Log": ["json-file", "local"],
    ]

    private static let swarm: JSONValue = [
        "NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive", "ControlAvailable": false, "Error": "", "RemoteManagers": nil,
    ]

    private var registryConfig: JSONValue {
        let hub = "docker.io"
        let mirrors = JSONValue(strings: registries.rules.filter { $0.prefix == hub }.flatMap(\.mirrors).map(Self.address))
        var indexes: JSONObject = [hub: ["Name": .string(hub), "Mirrors": mirrors, "Secure": true, "Official": true]]
        for rule in registries.rules where rule.isInsecure && rule.prefix != hub {
            indexes[rule.prefix] = ["Name": .string(rule.prefix), "Mirrors": [], "Secure": false, "Official": false]
        }
        return [
            "AllowNondistributableArtifactsCIDRs": [], "AllowNondistributableArtifactsHostnames": [],
            "InsecureRegistryCIDRs": ["127.0.0.0/8"], "IndexConfigs": .object(indexes), "Mirrors": mirrors,
        ]
    }

    private static func address(_ mirror: RegistrySettings.Mirror) -> String {
        "\(mirror.isInsecure ? "http" : "https")://\(mirror.host.name)/\(mirror.folder.isEmpty ? "" : mirror.folder + "/")"
    }

    private var securityOptions: [String] {
        (hasAppArmor ? ["name=apparmor"] : []) + ["name=seccomp,profile=default"] + (Terminal.isRoot ? [] : ["name=rootless"])
    }

    private var hasAppArmor: Bool { Terminal.isRoot && HostFacts.current.hasAppArmor() }

    private var warnings: [String] {
        [
            (limits.memory, "memory limit"), (limits.swap, "swap limit"), (limits.cpuBandwidth, "cpu cfs quota"),
            (limits.cpuBandwidth, "cpu cfs period"), (limits.cpuShares, "cpu shares"), (limits.cpuSets, "cpuset"),
        ].filter { !$0.0 }.map { "WARNING: No \($0.1) support" }
    }
}
