import ContainerRuntime
import Glibc
import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage
import Testing

/// Docker itself: a daemon of 20.10 with runc, given by `SOCLE_ORACLE` or `DOCKER_HOST`.
private enum Oracle {
    static let host: String? = {
        for name in ["SOCLE_ORACLE", "DOCKER_HOST"] {
            if let value = getenv(name) { return String(cString: value) }
        }
        return nil
    }()

    static let isThere = host.map { (try? Command.run("docker", ["-H", $0, "version"]).status) == 0 } ?? false

    static func docker(_ arguments: String...) throws -> Command {
        try Command.run("docker", ["-H", host ?? ""] + arguments)
    }
}

/// What a container sees of itself, field by field against Docker's.
@Suite(.requires(Sandbox.needs), .enabled(if: Oracle.isThere, "needs a Docker daemon (SOCLE_ORACLE)"), .serialized)
struct OracleTests {
    /// The same root, as an image of the oracle's.
    private func image(_ box: Sandbox) throws -> String {
        let name = "socle-test-launch-\(getpid())"
        let folder = box.root("lower").string
        try Command.output(of: "sh", ["-c", "tar -C \(folder) -c . | docker -H \(Oracle.host ?? "") import - \(name)"])
        return name
    }

    private func compare(_ line: String, user: String? = nil, change: (inout RuntimeSpec) -> Void = { _ in }) throws {
        let script = "exec 2>&1; " + line
        let box = try Sandbox()
        let name = try image(box)
        defer { _ = try? Oracle.docker("rmi", "-f", name) }
        var arguments = ["-H", Oracle.host ?? "", "run", "--rm", "--network", "none", "--hostname", "box"]
        if let user { arguments += ["--user", user] }
        let docker = try Command.run("docker", arguments + [name, "/bin/sh", "-c", script])
        let own = try box.shell(script, change: change)
        #expect(own.output == docker.text)
        #expect(own.code == docker.status && !own.output.isEmpty)
    }

    @Test func processStatus() throws {
        let fields = [
            "Umask", "Tgid", "Ngid", "Pid", "PPid", "TracerPid", "Uid", "Gid", "Groups", "NStgid", "NSpid", "NSpgid",
            "NSsid",
            "SigQ", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb",
            "NoNewPrivs",
            "Seccomp", "Seccomp_filters", "Speculation_Store_Bypass", "SpeculationIndirectBranch", "Cpus_allowed_list",
            "Mems_allowed_list",
        ]
        // What Docker's containers ignore is what whoever started the daemon ignored.
        let pattern = fields.filter { $0 != "SigQ" && $0 != "SigIgn" }.joined(separator: "|")
        try compare("exec grep -E '^(\(pattern)):' /proc/self/status")
    }

    @Test func limitsEnvironmentAndDirectory() throws {
        try compare("cat /proc/self/limits; env | sort; pwd; umask; cat /proc/self/oom_score_adj; id; hostname")
    }

    @Test func mounts() throws {
        // Mount point, attributes, type and the file system's options; the root's and Docker's own files aside.
        try compare(
            """
            while read id parent dev root point attributes rest; do
                case $point in /|/etc/*) continue;; esac
                case $rest in *master*|*shared*) echo propagates;; esac
                case $point in /sys/fs/cgroup/*) root=group;; esac
                echo $point $root $attributes ${rest#*- }
            done < /proc/self/mountinfo | sort
            """
        )
    }

    @Test func devicesAndDescriptors() throws {
        try compare(
            "cd /dev; stat -c '%n %F %t:%T %a %u:%g %N' * .; stat -c '%n %a' /dev/pts /dev/shm /dev/mqueue; ls /proc/1/fd; true"
        )
    }

    /// Processes are counted by the shell itself: what a pipe starts may or may not be there yet. Times aren't compared.
    @Test func namespacesAndGroups() throws {
        try compare(
            "ls /proc/self/ns; cat /proc/net/dev | wc -l; set -- /proc/[0-9]*; echo $#; "
                + "cut -d: -f2 /proc/self/cgroup; ls -ln /sys/fs/cgroup | cut -c1-44,58-"
        )
    }

    @Test func kernelSettings() throws {
        try compare(
            """
            cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range
            for path in /proc/sys/kernel/hostname /proc/sysrq-trigger /proc/bus/x /proc/irq/x /sys/x /proc/fs/x; do
                touch $path 2>&1; echo x > $path
            done 2>&1 | sed 's/.*: //'
            for path in /proc/kcore /proc/keys /proc/timer_list /proc/acpi /sys/firmware; do ls $path; cat $path; done 2>&1
            """
        )
    }

    @Test func deviceRules() throws {
        try compare(
            """
            mknod /tmp-disk b 254 0; head -c 1 /tmp-disk; mknod /tmp-mem c 1 1; head -c 1 /tmp-mem; head -c 1 /dev/zero | wc -c
            mknod /tmp-null c 1 3; echo x > /tmp-null; echo $?; mknod /tmp-fuse c 10 229; head -c 1 /tmp-fuse
            """
        )
    }

    @Test func aUserThatIsNotRoot() throws {
        try compare(
            "id; grep -E '^(Cap|Groups)' /proc/self/status; echo $HOME; stat -c '%u' /proc/self/fd/0; mknod /tmp c 1 3",
            user: "user"
        ) { spec in
            spec.process?.user = .init(uid: 1000, gid: 1000, additionalGids: [1000, 2000])
        }
    }

    /// Every system call with senseless arguments: refused, unknown, or let through to the kernel.
    @Test(.requires(.tool("cc"))) func systemCalls() throws {
        let box = try Sandbox()
        try Probe.build(box)
        let name = try image(box)
        defer { _ = try? Oracle.docker("rmi", "-f", name) }
        let docker = try Oracle.docker("run", "--rm", "--network", "none", name, "/probe")
        let own = try box.run("/probe")
        let lines = { (text: String) in Set(text.split(separator: "\n").map(String.init)) }
        #expect(lines(own.output).count > 400)
        // Docker 20.10 still allows io_uring, and looks at no argument of socket; libseccomp 2.5.4 doesn't know what came
        // after it, so that Docker here answers ENOSYS where the kernel has the call.
        let changed = lines(own.output).subtracting(lines(docker.text))
        #expect(changed.sorted() == Probe.changes.sorted())
    }
}
