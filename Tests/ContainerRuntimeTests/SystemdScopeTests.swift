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
