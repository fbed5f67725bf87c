import ContainerManagement
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

/// Requests and image configs become runtime specifications, the same ones that Docker 20.10 makes.
@Suite struct SpecMergeTests {
    static let id = "5e1c2a8063867e86d3b95c64b993a9e1e2c998473a20e5ddc073541a07edfa55"

    /// The machine of the reference: Docker 20.10 knows 38 capabilities, and may give all but one.
    static let host = HostFacts(
        hostname: { "vm" },
        capabilities: { RuntimeDefaults.allCapabilities.prefix(38).filter { $0 != "CAP_SYS_RESOURCE" } },
        cpuCount: { 2 },
        hasUnifiedCgroups: { false }
    )

    static func merge(
        _ request: RunRequest,
        image: ContainerConfig? = nil,
        user: RuntimeSpec.User = .init(additionalGids: [0])
    ) throws -> SpecMerge {
        let config = try ContainerConfig(request, over: image)
        var merge = SpecMerge(
            id: id,
            request: request,
            config: config,
            user: user,
            folder: FilePath("/c").appending(id),
            root: "/merged"
        )
        merge.mountPoints = try MountPoint.plan(
            request.mounts,
            volumes: config.volumes.sorted(),
            volumePath: { "/volumes/\($0)/_data" },
            anonymousName: { "anonymous" }
        )
        return merge
    }

    static func request(_ configure: (inout RunRequest) throws -> Void = { _ in }) rethrows -> RunRequest {
        var request = RunRequest(image: "containers-bb", command: ["sleep", "30"])
        try configure(&request)
        return request
    }

    // MARK: - Against Docker

    @Test func defaults() throws { try Self.expect(Self.merge(Self.request()), "none") }

    @Test func hostNetworkAndTerminal() throws {
        let request = Self.request {
            $0.network = .host
            $0.terminal = true
            $0.interactive = true
        }
        try Self.expect(Self.merge(request), "host")
    }

    @Test func readOnlyRoot() throws {
        try Self.expect(Self.merge(Self.request { $0.readOnly = true }), "ro")
    }

    @Test func allCapabilitiesButOne() throws {
        let request = Self.request {
            $0.capabilitiesAdded = ["all"]
            $0.capabilitiesDropped = ["sys_resource"]
        }
        try Self.expect(Self.merge(request), "all")
    }

    /// What the process itself lacks isn't given; without the right to take something away for good, nothing may get more.
    @Test func whatCanNotBeGiven() throws {
        func process(without missing: String, _ request: RunRequest) throws -> RuntimeSpec.Process? {
            var host = Self.host
            let held = host.capabilities()
            host.capabilities = { held.filter { $0 != missing } }
            return try Self.merge(request).specification(host).process
        }
        for name in RuntimeDefaults.capabilities {
            let process = try process(without: name, Self.request { _ in })
            #expect(process?.capabilities?.bounding == RuntimeDefaults.capabilities.filter { $0 != name })
            #expect(process?.capabilities?.effective == process?.capabilities?.bounding)
            #expect((process?.noNewPrivileges == true) == (name == "CAP_SETPCAP"))
        }
        #expect(try process(without: "CAP_SETPCAP", Self.request { $0.privileged = true })?.noNewPrivileges != true)
        let refused: [(String, RunRequest)] = [
            ("CAP_SYS_ADMIN", Self.request { _ in }), ("CAP_KILL", Self.request { $0.capabilitiesAdded = ["kill"] }),
            ("CAP_SETGID", Self.request { $0.additionalGroups = ["5"] }),
        ]
        for (name, request) in refused { #expect(throws: PlainFailure.self) { try process(without: name, request) } }
    }

    @Test func imageConfig() throws {
        var image = ContainerConfig()
        image.env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "FOO=bar", "A=1"]
        image.volumes = ["/data"]
        image.workingDir = "/srv"
        image.user = "bob"
        image.labels = ["a": "b"]
        let merge = try Self.merge(
            Self.request(),
            image: image,
            user: .init(uid: 1000, gid: 1000, additionalGids: [1000, 10])
        )
        #expect(merge.config.user == "bob")
        try Self.expect(merge, "full")
    }

    @Test func manyFlags() throws {
        var request = try Self.request {
            $0.environment = ["X=1"]
            $0.user = "1000:10"
            $0.workingDirectory = "/work"
            $0.hostname = "hh"
            $0.capabilitiesAdded = ["SYS_ADMIN"]
            $0.capabilitiesDropped = ["cap_chown"]
            $0.mounts = [
                try MountRequest(volume: "/srv/src:/src:ro"), try MountRequest(volume: "/srv/src:/a/b/c"),
                try MountRequest(volume: "vol:/vol"), try MountRequest(volume: "/anon"),
                try MountRequest(tmpfs: "/run:size=1m,exec"),
            ]
            $0.ulimits = [UlimitRequest(name: "nofile", soft: 100, hard: 200)]
            $0.additionalGroups = ["5"]
            $0.labels = ["x": "y"]
        }
        request.limits.memory = 64 << 20
        request.limits.pids = 50
        request.limits.nanoCPUs = 500_000_000
        let merge = try Self.merge(request, user: .init(uid: 1000, gid: 10, additionalGids: [10, 5]))
        // Docker's init is a program of its own and so part of its specification; ours is the executor's.
        try Self.expect(merge, "flags", withoutInit: true)
    }

    @Test func everySortOfMount() throws {
        var request = try Self.request {
            $0.mounts = [
                try MountRequest(
                    mount: "type=bind,source=/srv/sh/s,target=/m,bind-propagation=rshared,readonly"
                ),
                try MountRequest(mount: "type=tmpfs,target=/t,tmpfs-size=1000000,tmpfs-mode=700"),
                try MountRequest(mount: "type=volume,source=vol,target=/v,readonly"),
                try MountRequest(volume: "/srv/sh/s:/z:rw,z,rslave"), try MountRequest(volume: "vol:/w:nocopy"),
            ]
            $0.securityOptions = ["no-new-privileges", "seccomp=unconfined"]
            $0.sysctls = ["net.core.somaxconn": "100"]
            $0.terminal = true
            $0.interactive = true
        }
        request.sharedMemorySize = 1 << 20
        var merge = try Self.merge(request)
        let fuse = RuntimeSpec.Device(
            "/dev/fuse",
            type: "c",
            major: 10,
            minor: 229,
            fileMode: 0o600,
            uid: 0,
            gid: 0
        )
        merge.devices = [.init(node: fuse, permissions: "rwm")]
        try Self.expect(merge, "mounts")
    }

    /// Compares field by field with what Docker wrote for the same flags.
    private static func expect(
        _ merge: SpecMerge,
        _ name: String,
        withoutInit: Bool = false,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let bytes = try #require(try Golden.bytes("runtimespec/docker-20.10/\(name).json"))
        var docker = try JSON.decode(RuntimeSpec.self, from: bytes)
        var own = try merge.specification(host)
        if withoutInit {
            docker.process?.args = ["sleep", "30"]
            docker.mounts?.removeAll { $0.destination == "/sbin/docker-init" }
        }
        normalise(&docker)
        normalise(&own)
        #expect(own.process == docker.process, sourceLocation: location)
        #expect(own.root == docker.root, sourceLocation: location)
        #expect(own.hostname == docker.hostname, sourceLocation: location)
        // The kernel's own come first and in this order; Docker shuffles the others of one depth.
        #expect(own.mounts?.prefix(7) == docker.mounts?.prefix(7), sourceLocation: location)
        #expect(
            own.mounts?.dropFirst(7).sorted { $0.destination < $1.destination }
                == docker.mounts?.dropFirst(7).sorted { $0.destination < $1.destination },
            sourceLocation: location
        )
        #expect(own.linux?.resources == docker.linux?.resources, sourceLocation: location)
        #expect(own.linux == docker.linux, sourceLocation: location)
    }

    /// What differs by machine, container and engine: the names of places, and zeros that mean "not set".
    private static func normalise(_ spec: inout RuntimeSpec) {
        spec.root?.path = "/"
        if spec.hostname?.count == 12 { spec.hostname = "id" }
        let variables = spec.process?.env ?? []
        spec.process?.env = variables.map { variable in
            variable.hasPrefix("HOSTNAME=") && variable.count == 21 ? "HOSTNAME=id" : variable
        }
        // Sets.
        for set in [\RuntimeSpec.Capabilities.bounding, \.effective, \.permitted, \.inheritable, \.ambient] {
            spec.process?.capabilities?[keyPath: set]?.sort()
        }
        for index in spec.mounts?.indices ?? 0..<0 {
            let source = spec.mounts?[index].source ?? ""
            if source.contains("/volumes/"), !source.hasSuffix("/vol/_data") {
                spec.mounts?[index].source = "anonymous"
            }
            // Newer Docker's word for a read-only bind: what is mounted below is read-only too.
            if let place = spec.mounts?[index].options?.firstIndex(of: "rro") { spec.mounts?[index].options?[place] = "ro" }
            if source.hasSuffix("/vol/_data") { spec.mounts?[index].source = "vol" }
            if source.contains("/containers/") || source.hasPrefix("/c/") {
                spec.mounts?[index].source = String(source.split(separator: "/").last ?? "")
            }
        }
        spec.linux?.cgroupsPath = nil
        spec.linux?.seccomp = nil
        spec.linux?.namespaces?.removeAll { $0.path != nil }
        if spec.linux?.resources?.memory?.disableOOMKiller == false {
            spec.linux?.resources?.memory?.disableOOMKiller = nil
        }
        if spec.linux?.resources?.memory == .init() { spec.linux?.resources?.memory = nil }
        if spec.linux?.resources?.cpu?.shares == 0 { spec.linux?.resources?.cpu?.shares = nil }
        if spec.linux?.resources?.cpu == .init() { spec.linux?.resources?.cpu = nil }
        spec.linux?.resources?.blockIO = nil
    }
}
