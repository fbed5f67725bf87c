import SocleTesting
import SystemPackage
import Testing

/// `run`'s flags on limits, namespaces and security, said to Docker too: what containers see, what is refused, what is
/// warned of.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
final class LimitFlagTests {
    private static let image = "socle-test-limits"
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let words = ["import", try Fixture.busyboxRoot(in: socle.work).string, Self.image]
        try socle.run(words).succeeding()
        if Docker.isThere.isMet { try Docker.run(words).succeeding() }
        try socle.write([
            "profile.json": """
                {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
                  {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5}]}
                """,
            "broken.json": "{",
        ])
        self.socle = socle
    }

    deinit {
        if Docker.isThere.isMet { _ = try? Docker.run(["rmi", "-f", Self.image]) }
        _ = try? socle.shell("find /sys/fs/cgroup -depth -path '*/socle-test-parent*' -type d -exec rmdir {} + 2> /dev/null")
    }

    private func run(_ flags: [String], _ command: String) throws -> Command {
        try socle.run(["run", "--rm", "--network", "none"] + flags + [Self.image, "sh", "-c", command])
    }

    private func docker(_ flags: [String], _ command: String) throws -> Command {
        try Docker.run(
            ["run", "--rm", "--network", "none"] + flags + [Self.image, "sh", "-c", command],
            directory: socle.work
        )
    }

    @Test(
        .requires(Docker.isThere),
        arguments: [
            (["--memory-swappiness", "30"], "cat /sys/fs/cgroup/memory/memory.swappiness"),
            (["--memory-swappiness", "-1"], "cat /sys/fs/cgroup/memory/memory.swappiness"),
            (["--oom-kill-disable", "-m", "20m"], "head -1 /sys/fs/cgroup/memory/memory.oom_control"),
            (["--kernel-memory", "50m"], "echo"),
            (["--blkio-weight", "500"], "echo"),
            (["--blkio-weight-device", "/dev/zero:300"], "echo"),
            (["--device-cgroup-rule", "c 1:1 r"], "sort /sys/fs/cgroup/devices/devices.list"),
            (["--device-cgroup-rule", "b *:* rwm"], "sort /sys/fs/cgroup/devices/devices.list"),
            (["--ipc", "host"], "readlink /proc/self/ns/ipc; grep -c shm /proc/self/mountinfo"),
            (["--ipc", "none"], "ls /dev/shm; grep -c mqueue /proc/self/mountinfo"),
            (["--ipc", "shareable"], "grep shm /proc/self/mountinfo | cut -d' ' -f5-"),
            (["--pid", "host"], "readlink /proc/self/ns/pid"),
            (["--uts", "host"], "hostname; readlink /proc/self/ns/uts"),
            (["--userns", "host"], "cat /proc/self/uid_map"),
            (["--cgroupns", "private"], "cut -d: -f3 /proc/self/cgroup; ls /sys/fs/cgroup/pids"),
            (["--cgroup-parent", "/socle-test-parent/inner"], "grep pids: /proc/self/cgroup | cut -c1-30"),
            (["--security-opt", "seccomp=profile.json"], "mkdir /x; echo $?; grep Seccomp: /proc/self/status"),
            (["--security-opt", "seccomp=unconfined"], "grep Seccomp: /proc/self/status"),
            (["--security-opt", "no-new-privileges"], "grep NoNew /proc/self/status"),
            (["--security-opt", "systempaths=unconfined"], "grep -c ' /proc/' /proc/self/mountinfo"),
            (["--security-opt", "label=disable", "--security-opt", "apparmor=unconfined"], "echo"),
            (["--group-add", "12345", "--user", "1000"], "id -G"),
            (["--isolation", "default"], "echo"),
            (["--mount", "type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=700"], "stat -c %a /t; grep ' /t ' /proc/self/mountinfo | cut -d' ' -f4-6,8-"),
            (["--tmpfs", "/t:size=2m,exec,mode=1770,uid=5"], "stat -c '%a %u' /t; grep ' /t ' /proc/self/mountinfo | cut -d' ' -f4-6,8-"),
            (["--cpu-shares", "100", "--cpus", "0.5"], "cat /sys/fs/cgroup/cpu/cpu.shares /sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
            (["--pids-limit", "7"], "cat /sys/fs/cgroup/pids/pids.max"),
        ]
    )
    func theSameAsDocker(_ flags: [String], _ command: String) throws {
        let (own, other) = (try run(flags, command), try docker(flags, command))
        #expect(own.text == other.text && own.status == other.status, "\(flags): \(own.summary) \(other.summary)")
        #expect(own.errorText == other.errorText, "\(flags)")
    }

    @Test(
        .requires(Docker.isThere),
        arguments: [
            ["--ipc", "what"], ["--ipc", "container:nobody"], ["--pid", "what"], ["--pid", "container:nobody"],
            ["--uts", "what"], ["--uts", "host", "--hostname", "x"], ["--userns", "what"], ["--cgroupns", "what"],
            ["--memory-swappiness", "101"], ["--kernel-memory", "1m"], ["--cpuset-cpus", "4096"], ["--cpuset-cpus", "x"],
            ["--cpuset-mems", "99"], ["--cpu-rt-runtime", "2000", "--cpu-rt-period", "1000"],
            ["--device-read-bps", "/dev/nothing:1mb"], ["--device-read-bps", "x"], ["--device-write-iops", "/dev/zero:x"],
            ["--blkio-weight-device", "/dev/zero:5"], ["--blkio-weight", "x"], ["--device-cgroup-rule", "x 1:1 r"],
            ["--security-opt", "seccomp=nothing.json"], ["--security-opt", "what=1"], ["--security-opt", "systempaths=x"],
            ["--storage-opt", "size=1g"], ["--storage-opt", "x"], ["--isolation", "hyperv"],
            ["--mount", "type=bind,source=/tmp,target=/t,bind-propagation=rshared"],
            ["--mount", "type=bind,source=/tmp,target=/t,volume-nocopy=true"],
        ]
    )
    func refusedAsByDocker(_ flags: [String]) throws {
        let (own, other) = (try run(flags, "true"), try docker(flags, "true"))
        func words(_ command: Command) -> String {
            let line = command.plainError.split(separator: "\n").first.map(String.init) ?? ""
            return line.lowercased().filter { !"\"'`.".contains($0) }
        }
        #expect(own.status == other.status && own.status != 0, "\(flags)")
        #expect(words(own) == words(other), "\(flags)")
    }

    @Test func whatCantBeProtectedIsRefused() throws {
        for (flags, message) in [
            (["--security-opt", "seccomp=broken.json"], "compacting json for seccomp profile (broken.json) failed"),
            (["--security-opt", "label=type:x"], "is not supported: containers are not labelled"),
            (["--disable-content-trust=false"], "Docker's Notary is not asked"),
            (["--gpus", "all"], "unsupported flag: --gpus"), (["--volume-driver", "x"], "plugin not found"),
        ] {
            let result = try run(flags, "true")
            #expect(result.status != 0 && result.errorText.contains(message), "\(flags): \(result.summary)")
        }
    }

    @Test func namespacesOfOtherContainers() throws {
        let quiet = ["run", "-d", "--network", "none"]
        try socle.run(
            quiet + ["--name", "donor", "--ipc", "shareable", Self.image, "sh", "-c", "echo here > /dev/shm/x; sleep 1000"]
        ).succeeding()
        try socle.run(quiet + ["--name", "other", Self.image, "sleep", "1000"]).succeeding()
        defer { _ = try? socle.run(["rm", "-f", "donor", "other", "guest"]) }
        #expect(try run(["--ipc", "container:donor"], "until cat /dev/shm/x; do sleep 0.1; done").text == "here\n")
        #expect(try run(["--ipc", "container:other"], "true").errorText.contains("non-shareable IPC"))
        #expect(try run(["--pid", "container:donor"], "cat /proc/1/cmdline | tr '\\0' ' '").text.contains("sleep 1000"))
        // Whoever lives among another's processes ends without it, and with all of its own.
        try socle.run(
            quiet + ["--name", "guest", "--pid", "container:other", Self.image, "sh", "-c", "sleep 998 & sleep 997"]
        ).succeeding()
        #expect(try socle.run(["exec", "guest", "ps"]).text.contains("sleep 1000"))
        try socle.output("stop", "-t", "1", "guest")
        #expect(try socle.output("exec", "other", "ps").contains("sleep 99") == false)
        #expect(try socle.output("inspect", "-f", "{{.State.Running}} {{.HostConfig.IpcMode}}", "donor") == "true shareable")
        try socle.output("stop", "-t", "0", "donor")
        #expect(try run(["--pid", "container:donor"], "true").errorText.contains("is not running"))
    }

    @Test func aParentGroupOfOnesOwn() throws {
        let parent = "socle-test-parent-\(getpidText())"
        try socle.output("run", "-d", "--name", "child", "--network", "none", "--cgroup-parent", parent, Self.image, "sleep", "1000")
        #expect(try socle.output("exec", "child", "cat", "/proc/self/cgroup").contains("/\(parent)/"))
        try socle.output("pause", "child")
        try socle.output("unpause", "child")
        #expect(try socle.output("top", "child").contains("sleep 1000"))
        try socle.output("update", "--pids-limit", "9", "child")
        #expect(try socle.output("stats", "--no-stream", "--format", "{{.PIDs}}", "child") == "1")
        try socle.output("rm", "-f", "child")
        // As with Docker, the parent stays, and nothing in it.
        let left = try Command.run("sh", ["-c", "find /sys/fs/cgroup -path '*\(parent)/*' -type d; find /sys/fs/cgroup -depth -type d -name '\(parent)' -exec rmdir {} +"])
        #expect(left.text.isEmpty, "\(left.summary)")
    }

    @Test func changesOfLimits() throws {
        try socle.output("run", "-d", "--name", "changed", "--network", "none", "-m", "50m", Self.image, "sleep", "1000")
        defer { _ = try? socle.run(["rm", "-f", "changed"]) }
        let weight = try socle.run(["update", "--blkio-weight", "300", "--kernel-memory", "50m", "--cpus", "0.5", "changed"])
        #expect(weight.status == 0, "\(weight.summary)")
        #expect(try socle.run(["update", "--blkio-weight", "5", "changed"]).errorText.contains("Range of blkio weight"))
        #expect(try socle.output("inspect", "-f", "{{.HostConfig.NanoCpus}}", "changed") == "500000000")
    }

    /// `--userns auto`: root inside is nobody outside, and the disk doesn't know.
    @Test func usersOfItsOwn() throws {
        let text = try socle.shell(#"""
            socle run -d --name own --network none --userns auto -v ownvolume:/tmp socle-test-limits \
                sh -c 'echo x > /tmp/file; chown 1000 /tmp/file; echo y > /etc/new; echo z >> /etc/hosts; mkdir /made; sleep 1000' > /dev/null
            for i in $(seq 100); do socle exec own test -d /made && break; sleep 0.05; done
            socle exec own sh -c 'id -u; stat -c %u:%g / /etc/new /tmp/file /etc/hosts; cut -c1-10 /proc/self/uid_map; cat /proc/self/gid_map | wc -l'
            [ $(awk '/^Uid/ {print $2}' /proc/$(socle inspect -f '{{.State.Pid}}' own)/status) -ge 524288 ] && echo mapped
            stat -c %u:%g $SOCLE_ROOT/volumes/ownvolume/_data/file $SOCLE_ROOT/containers/*/upper/etc/new; socle diff own | sort
            socle exec own sh -c 'mount -t tmpfs x /mnt; echo x > /proc/sys/kernel/core_pattern; mknod /x c 1 1; cat /dev/null' 2> /dev/null || echo refused
            socle rm -f own; socle volume rm ownvolume
            for flag in --privileged --pid=host --network=host --ipc=host --uts=host; do socle run --rm --userns auto $flag socle-test-limits true 2> /dev/null; echo $?; done
            """#)
        #expect(
            text.text == """
                0
                0:0
                0:0
                1000:0
                0:0
                         0
                1
                mapped
                1000:0
                0:0
                A /etc/new
                A /made
                C /etc
                own
                ownvolume
                125
                125
                125
                125
                125

                """,
            "\(text.summary)"
        )
        try socle.expectNothingLeft()
    }

    private func getpidText() -> String {
        (try? Command.output(of: "sh", ["-c", "echo $PPID-$$"])).map { String(decoding: $0, as: UTF8.self).trimmingLastNewline } ?? "x"
    }
}
