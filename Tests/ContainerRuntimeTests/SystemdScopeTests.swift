import OCISpec
import Testing

@testable import ContainerRuntime

@Suite struct SystemdScopeTests {
    private func scope(_ path: String?) throws -> SystemdScope { try SystemdScope(cgroupsPath: path, id: "box") }

    @Test(arguments: [
        (nil, "/system.slice/socle-box.scope"), ("", "/system.slice/socle-box.scope"), (":a:b", "/system.slice/a-b.scope"),
        ("machine.slice:libpod:0123", "/machine.slice/libpod-0123.scope"), ("a-b-c.slice::x", "/a.slice/a-b.slice/a-b-c.slice/x.scope"),
        ("-.slice:a:b", "/a-b.scope"),
    ])
    func places(path: String?, group: String) throws {
        #expect(try scope(path).path == group)
    }

    @Test(arguments: [
        (nil, "/m/user.slice/socle-box.scope"), (":a:b", "/m/user.slice/a-b.scope"), ("-.slice:a:b", "/m/a-b.scope"),
        ("a-b.slice:libpod:0123", "/m/a.slice/a-b.slice/libpod-0123.scope"),
    ])
    func usersPlaces(path: String?, group: String) throws {
        #expect(try SystemdScope(cgroupsPath: path, id: "box", user: UserSystemd(group: "/m")).path == group)
    }

    @Test func usersGroup() {
        #expect(UserSystemd(answer: "/user.slice/user-1.slice/user@1.service\n")?.group == "/user.slice/user-1.slice/user@1.service")
        #expect(UserSystemd(answer: "/\n")?.group == "")
        for answer in ["", "\n", "a", "/a/../b\n"] { #expect(UserSystemd(answer: answer) == nil) }
    }

    /// The state of a container that an earlier version has made.
    @Test func scopesWithoutUser() throws {
        let scope = try JSON.decode(SystemdScope.self, from: Array(#"{"slice":"a.slice","name":"b.scope"}"#.utf8))
        #expect(scope.user == nil && scope.path == "/a.slice/b.scope")
    }

    @Test(arguments: ["/a", "a:b", "a:b:c:d", "a:b:c", "a--b.slice:x:y", "-a.slice:x:y", "../a.slice:x:y", "a.slice:x:", "a.slice:x/y:z", "a.slice:x:y\n"])
    func refused(path: String) {
        #expect(throws: RuntimeError.self) { try scope(path) }
    }

    @Test func limitsAsProperties() {
        var resources = RuntimeSpec.Resources()
        resources.memory = .init()
        resources.memory?.limit = 1 << 20
        resources.memory?.swap = 3 << 20
        resources.cpu = .init()
        resources.cpu?.quota = 12_345
        resources.cpu?.period = 100_000
        resources.unified = ["memory.high": "max", "memory.oom.group": "1"]
        #expect(
            SystemdScope.properties(resources) == [
                "MemoryMax=1048576", "MemorySwapMax=2097152", "CPUQuota=12.35%", "CPUQuotaPeriodSec=100000us", "MemoryHigh=infinity",
            ]
        )
        #expect(SystemdScope.properties(RuntimeSpec.Resources()) == [])
        resources = RuntimeSpec.Resources()
        resources.cpu = .init()
        resources.cpu?.quota = .max
        resources.cpu?.period = 100_000
        #expect(SystemdScope.properties(resources).first?.hasPrefix("CPUQuota=") == true)
    }

    @Test func limitsOfVersion1AsProperties() {
        var resources = RuntimeSpec.Resources()
        resources.memory = .init()
        resources.memory?.limit = -1
        resources.cpu = .init()
        resources.cpu?.shares = 512
        resources.cpu?.quota = 12_345
        resources.blockIO = .init()
        resources.blockIO?.weight = 300
        resources.pids = .init(limit: 9)
        #expect(
            SystemdScope.version1Properties(resources) == [
                "MemoryLimit=infinity", "CPUShares=512", "TasksMax=9", "BlockIOWeight=300", "CPUQuota=12.35%",
                "CPUQuotaPeriodSec=100000us",
            ]
        )
        resources = RuntimeSpec.Resources()
        resources.cpu = .init()
        resources.cpu?.quota = -1
        resources.cpu?.period = 50_000
        resources.pids = .init(limit: -1)
        #expect(SystemdScope.version1Properties(resources) == ["TasksMax=infinity", "CPUQuota=", "CPUQuotaPeriodSec=50000us"])
        #expect(SystemdScope.version1Properties(RuntimeSpec.Resources()) == [])
    }

    @Test func devicesAsProperties() {
        func rule(
            _ allow: Bool,
            _ type: String? = nil,
            _ major: Int64? = nil,
            _ minor: Int64? = nil,
            _ access: String? = nil
        ) -> RuntimeSpec.DeviceRule {
            RuntimeSpec.DeviceRule(allow: allow, type: type, major: major, minor: minor, access: access)
        }
        let drivers = "Character devices:\n  1 mem\n136 pts\n\nBlock devices:\n  1 ramdisk\n"
        func properties(_ rules: [RuntimeSpec.DeviceRule]) -> [String] { SystemdScope.deviceProperties(rules, drivers: drivers) }
        #expect(properties([rule(false, "a"), rule(true)]) == ["DevicePolicy=auto"])
        #expect(
            properties([
                rule(true, "c", 9, 9), rule(false), rule(true, "c", nil, nil, "m"), rule(true, "b", nil, -1, "m"), rule(true, "c", 1, 3, "rw"),
                rule(true, "c", 136), rule(true, "b", 1, nil, "r"), rule(true, "b", 136), rule(true, "c", 5, 0, "r"), rule(false, "c", 5, 0, "r"),
            ]) == [
                "DevicePolicy=strict", "DeviceAllow=char-* m", "DeviceAllow=block-* m", "DeviceAllow=/dev/char/1:3 rw", "DeviceAllow=char-pts rwm",
                "DeviceAllow=block-ramdisk r",
            ]
        )
    }

    @Test func annotationsAsProperties() throws {
        let prefix = "org.systemd.property."
        #expect(
            try SystemdScope.properties([
                "\(prefix)TimeoutStopUSec": "uint64 90", "\(prefix)KillSignal": "37", "\(prefix)CollectMode": "'inactive-or-failed'",
                "\(prefix)SendSIGHUP": "true", "other": "nothing",
            ]) == ["CollectMode=inactive-or-failed", "KillSignal=37", "SendSIGHUP=true", "TimeoutStopSec=90us"]
        )
        for (name, value) in [("a", "1"), ("A_b_c", "1"), ("Abc", "['a']"), ("Abc", "x"), ("Abc", "'a'b'"), ("Abc", "")] {
            #expect(throws: RuntimeError.self) { try SystemdScope.properties([prefix + name: value]) }
        }
    }
}
