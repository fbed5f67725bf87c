import ContainerRuntime
import LinuxSystem
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

/// Plans are values: no root, no container, the same text for the same specification.
@Suite struct LaunchPlanTests {
    private func request(
        _ io: LaunchIO = .descriptors(input: 0, output: 1, error: 2),
        change: (inout RuntimeSpec) -> Void = { _ in }
    ) -> LaunchRequest {
        var spec = RuntimeDefaults.spec(
            id: "c1",
            process: .init(args: ["hello", "world"], env: [RuntimeDefaults.path, "HOSTNAME=box"]),
            root: .init(path: "/"),
            hostname: "box",
            hostNetwork: false,
            privateCgroup: false
        )
        spec.process?.user.additionalGids = [0]
        change(&spec)
        return LaunchRequest(
            id: "c1",
            spec: spec,
            root: .directory("/root"),
            io: io,
            diesWithParent: true,
            cacheDirectory: "/cache",
            usesInit: true
        )
    }

    private let facts = LaunchFacts(
        sources: ["/host/file": false, "/host/folder": true],
        hierarchies: [
            .init(version: 1, name: "cpu,cpuacct", controllers: ["cpu", "cpuacct"], parent: "/g/cpu"),
            .init(version: 1, name: "devices", controllers: ["devices"], parent: "/g/devices"),
            .init(version: 2, name: "unified", controllers: [], parent: "/g/unified"),
        ]
    )

    private func failure(change: (inout RuntimeSpec) -> Void) -> RuntimeError? {
        do throws(RuntimeError) {
            _ = try LaunchPlan(request(change: change), facts: facts)
            return nil
        } catch {
            return error
        }
    }

    @Test func dockersDefaults() throws {
        try Golden.expect(try LaunchPlan(request(), facts: facts).description, "launch/default.txt")
    }

    @Test func aTerminalAndMounts() throws {
        let plan = try LaunchPlan(
            request(.terminal(rows: 24, columns: 80)) { spec in
                spec.process?.cwd = "/a/../work"
                spec.process?.noNewPrivileges = true
                spec.process?.user = .init(uid: 1000, gid: 1000, additionalGids: [1000, 2000])
                spec.process?.rlimits = [.init("RLIMIT_NOFILE", soft: 10, hard: 20)]
                spec.root?.readonly = true
                spec.linux?.seccomp = SeccompProfile.docker.specification(capabilities: [])
                spec.linux?.devices = [.init("/dev/net/tun", type: "c", major: 10, minor: 200, fileMode: 0o600)]
                spec.mounts? += [
                    .init("/etc/hosts", type: "bind", source: "/host/file", options: ["rbind", "rprivate", "ro"]),
                    .init(
                        "/data",
                        type: "bind",
                        source: "/host/folder",
                        options: ["bind", "rro", "rslave", "noatime"]
                    ),
                    .init("/tmp", type: "tmpfs", source: "tmpfs", options: ["ro", "noexec", "size=1m"]),
                ]
            },
            facts: LaunchFacts(
                sources: facts.sources,
                hierarchies: [.init(version: 2, name: "unified", controllers: [], parent: "/g")],
                hasKernelCore: true,
                seccompProgram: [6, 0, 0, 0, 0, 0, 255, 127]
            )
        )
        try Golden.expect(plan.description, "launch/terminal.txt")
    }

    @Test func thePlanIsEncodedWithinItsBounds() throws {
        let bytes = try LaunchPlan(request(), facts: facts).encoded()
        let word = { (offset: Int) in (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
        #expect(word(8) == bytes.count && bytes.last == 0)
        var offset = 32
        for _ in 0..<word(12) { offset += 8 + 8 * word(offset + 4) }
        #expect(offset == word(16) && offset % 8 == 0)
        #expect(bytes[offset..<offset + 8].allSatisfy { $0 == 0 })
    }

    /// Of what an own process may not do, what can be left out or done otherwise is; the rest is an error that says what is missing.
    @Test func rightsThatAreMissing() throws {
        func plan(without missing: [Capability], _ change: (inout RuntimeSpec) -> Void = { _ in }) throws -> String {
            var facts = facts
            facts.rights.effective = CapabilitySet(mask: missing.reduce(.max) { $0 & ~(1 << $1.rawValue) })
            if missing.contains(.makeNode) { facts.hostDevices = ["/dev/mine": "/dev/theirs"] }
            return try LaunchPlan(request(change: change), facts: facts).description
        }
        let whole = try plan(without: [])
        #expect(whole.contains("loopback up") && whole.contains("node <") && whole.contains("become 0:0 groups 0"))
        #expect(try !plan(without: [.networkAdministration]).contains("loopback up"))
        let devices = try plan(without: [.makeNode]) {
            $0.linux?.devices = [.init("/dev/mine", type: "c", major: 10, minor: 200)]
        }
        #expect(!devices.contains("node <") && devices.contains("attach </dev/null> at </dev> null"))
        #expect(devices.contains("attach </dev/theirs> at </dev> mine"))
        #expect(try !plan(without: [.setGroup]).contains("become 0:0"))
        #expect(try plan(without: [.setUser]).contains("become 0:0 groups 0"))
        #expect(try !plan(without: [.setCapabilities]) { $0.process?.noNewPrivileges = true }.contains("bounding"))
        for missing: Capability in [.setGroup, .setUser] {
            #expect(throws: RuntimeError.self) { try plan(without: [missing]) { $0.process?.user = .init(uid: 1, gid: 1) } }
        }
        #expect(throws: RuntimeError.self) { try plan(without: [.setCapabilities]) }
    }

    @Test func homeComesLast() throws {
        var plan = try LaunchPlan(request(), facts: facts)
        plan.provideHome("/root")
        plan.provideHome("/other")
        guard case .execute(let candidates, _, let environment) = plan.operations.last else {
            Issue.record("no execution")
            return
        }
        #expect(environment.last == "HOME=/root" && environment.count == 3)
        #expect(candidates.first == "/usr/local/sbin/hello" && candidates.count == 6)
    }

    @Test func whatIsWrongIsFoundBefore() {
        let cases: [(String, (inout RuntimeSpec) -> Void)] = [
            ("no command specified", { $0.process?.args = [] }),
            ("not an absolute path", { $0.process?.cwd = "work" }),
            ("a zero byte", { $0.process?.env = ["A=\0"] }),
            ("unknown capability \"CAP_NICE\"", { $0.process?.capabilities?.bounding = ["CAP_NICE"] }),
            ("must be permitted", { $0.process?.capabilities?.effective = ["CAP_SYS_ADMIN"] }),
            ("given twice", { $0.linux?.namespaces?.append(.init(.pid)) }),
            ("needs 1 to 340 user id mappings", { $0.linux?.namespaces?.append(.init(.user)) }),
            ("user namespace isn't enabled", { $0.linux?.uidMappings = [.init(containerID: 0, hostID: 1, size: 1)] }),
            ("time namespace isn't enabled", { $0.linux?.timeOffsets = ["boottime": .init(secs: 1, nanosecs: 0)] }),
            ("needs a mount namespace", { $0.linux?.namespaces = [] }),
            (
                "hooks",
                {
                    $0.hooks = {
                        var hooks = RuntimeSpec.Hooks(); hooks.prestart = [.init(path: "/x")]; return hooks
                    }()
                }
            ),
            ("apparmor is specified", { $0.process?.apparmorProfile = "docker-default" }),
            ("unknown resource limit", { $0.process?.rlimits = [.init("RLIMIT_X", soft: 1, hard: 1)] }),
            ("above the hard one", { $0.process?.rlimits = [.init("RLIMIT_CPU", soft: 2, hard: 1)] }),
            ("does not exist: /host/none", { $0.mounts?.append(.init("/x", type: "bind", source: "/host/none")) }),
            ("inside /proc", { $0.mounts?.append(.init("/x/../proc/sys", type: "tmpfs")) }),
            ("mounting over", { $0.mounts?.append(.init("/..", type: "tmpfs")) }),
            ("invalid number", { $0.linux?.devices = [.init("/dev/x", type: "c", major: -1)] }),
            ("not below /dev", { $0.linux?.devices = [.init("/dev/../x", type: "c")] }),
            ("separate kernel namespace", { $0.linux?.sysctl = ["kernel.core_pattern": "x"] }),
            ("not in -1000...1000", { $0.process?.oomScoreAdj = 2000 }),
            ("longer than 64 bytes", { $0.hostname = String(repeating: "x", count: 65) }),
        ]
        for (text, change) in cases {
            let error = failure(change: change)
            #expect(error?.description.contains(text) == true, "\(text): \(error?.description ?? "no error")")
            #expect(error?.exitCode == 125)
        }
        #expect(throws: RuntimeError.self) {
            var named = request()
            named.id = "../x"
            _ = try LaunchPlan(named, facts: facts)
        }
    }
}
