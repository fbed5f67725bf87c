import Glibc
import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage
import Testing

@testable import ContainerRuntime

@Suite struct ControlGroupTests {
    @Test func aHybridMachine() {
        let found = ControlGroupHierarchy.parse(
            mounts: """
                20 1 0:20 / /sys rw - sysfs sysfs rw
                30 20 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
                31 20 0:30 /inner /sys/fs/cgroup/memory rw,relatime shared:4 - cgroup cgroup rw,memory
                32 20 0:31 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
                33 20 0:32 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
                34 20 0:30 / /elsewhere/memory rw,relatime - cgroup cgroup rw,memory
                broken - cgroup
                """,
            membership: "4:memory:/inner/own\n2:name=systemd:/a\n1:cpu,cpuacct:/\n0::/b\nnonsense\n"
        )
        #expect(
            found == [
                .init(
                    version: 1,
                    name: "cpu,cpuacct",
                    controllers: ["cpu", "cpuacct"],
                    parent: "/sys/fs/cgroup/cpu,cpuacct"
                ),
                .init(version: 1, name: "memory", controllers: ["memory"], parent: "/sys/fs/cgroup/memory/own", top: "/sys/fs/cgroup/memory"),
                .init(version: 1, name: "systemd", controllers: [], parent: "/sys/fs/cgroup/systemd/a", top: "/sys/fs/cgroup/systemd"),
                .init(version: 2, name: "unified", controllers: [], parent: "/sys/fs/cgroup/unified/b", top: "/sys/fs/cgroup/unified"),
            ]
        )
    }

    @Test func version2Alone() {
        let found = ControlGroupHierarchy.parse(
            mounts: "33 20 0:32 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n",
            membership: "0::/user.slice/x\n"
        )
        #expect(found == [.init(version: 2, name: "cgroup", controllers: [], parent: "/sys/fs/cgroup")])
        #expect(ControlGroupHierarchy.parse(mounts: "", membership: "0::/\n").isEmpty)
    }

    @Test func settings() {
        var resources = RuntimeSpec.Resources()
        var memory = RuntimeSpec.Memory()
        memory.limit = 100
        memory.swap = 150
        resources.memory = memory
        var cpu = RuntimeSpec.CPU()
        cpu.shares = 1024
        cpu.quota = 20_000
        resources.cpu = cpu
        resources.pids = .init(limit: 7)
        let first = ControlGroup.settings(resources).map { "\($0.file)=\($0.value)" }
        #expect(
            first == [
                "memory.limit_in_bytes=100", "memory.memsw.limit_in_bytes=150", "cpu.shares=1024",
                "cpu.cfs_quota_us=20000",
                "pids.max=7",
            ]
        )
        let second = ControlGroup.unifiedSettings(resources).map { "\($0.file)=\($0.value)" }
        #expect(
            second == [
                "memory.max=100", "memory.swap.max=50", "cpu.weight=39", "cpu.max=20000 100000", "pids.max=7",
            ]
        )
    }

    @Test(.requires(Sandbox.needs)) func limitsHold() throws {
        let box = try Sandbox()
        let many = try box.shell("for i in 1 2 3 4 5 6 7 8; do sleep 1 & done 2>&1; wait") { spec in
            spec.linux?.resources?.pids = .init(limit: 4)
        }
        #expect(many.output.contains("can't fork"))
        let large = try box.shell("dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null; echo $?") { spec in
            var memory = RuntimeSpec.Memory()
            memory.limit = 32 << 20
            memory.swap = 32 << 20
            spec.linux?.resources?.memory = memory
        }
        #expect(large.output == "137\n" && large.status.outOfMemory)
        #expect(try box.leftovers().isEmpty)
    }

    /// The kernel refuses a program otherwise.
    @Test func everyInstructionOfADeviceProgramIsReached() {
        let everything = RuntimeSpec.DeviceRule(allow: true, access: "rwm")
        for rules in [[], RuntimeDefaults.deviceRules, RuntimeDefaults.deviceRules + [everything], [everything] + RuntimeDefaults.deviceRules] {
            let instructions = DeviceProgram(rules).instructions
            var reached: Set<Int> = []
            var next = [0]
            while let index = next.popLast() {
                guard reached.insert(index).inserted, instructions[index].code != 0x95 else { continue }
                next.append(index + 1)
                if [0x15, 0x55].contains(instructions[index].code) { next.append(index + 1 + Int(instructions[index].offset)) }
            }
            #expect(reached == Set(instructions.indices))
        }
    }

    /// Version 2's way, on the version 2 hierarchy that a hybrid machine also has.
    @Test(.requires(Sandbox.needs)) func aDeviceProgramDecides() throws {
        guard let unified = try ControlGroupHierarchy.discover().first(where: { $0.version == 2 }) else { return }
        let group = try ControlGroup.make(
            id: "socle-test-devices-\(getpid())",
            hierarchies: [unified],
            resources: {
                var resources = RuntimeSpec.Resources()
                resources.devices = RuntimeDefaults.deviceRules
                return resources
            }()
        )
        defer { group.remove() }
        let root = try TemporaryRoot()
        let script = """
            echo $$ > \(group.path(in: unified))/cgroup.procs
            cd \(root.path); mknod disk b 254 0; mknod fuse c 10 229; mknod null c 1 3; mknod tty c 136 5
            head -c1 disk >/dev/null 2>&1 || echo disk; head -c1 fuse >/dev/null 2>&1 || echo fuse
            echo x > null || echo null; head -c1 /dev/zero | wc -c
            """
        #expect(try Command.run("sh", ["-c", script]).text == "disk\nfuse\n1\n")
    }
}
