import SocleTesting
import SystemPackage
import Testing

/// What a container sees, field by field as in Docker's. The same command line runs on both.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, Docker.isThere)), .serialized)
final class ContainerViewTests {
    private static let image = "socle-test-view"
    private let socle: Socle

    /// The image is the same archive on both.
    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", tar, Self.image)
        try Docker.output("import", tar, Self.image)
        self.socle = socle
    }

    deinit { _ = try? Docker.run(["rmi", "-f", Self.image]) }

    /// Runs the same words on both and gives both answers.
    private func both(_ flags: [String], _ script: String) throws -> (socle: Command, docker: Command) {
        let words = ["run", "--rm", "--network", "none"] + flags + [Self.image, "sh", "-c", script]
        return (try socle.run(words), try Docker.run(words))
    }

    private func expectSame(_ script: String, location: SourceLocation = #_sourceLocation) throws {
        try expectSame([], script, location: location)
    }

    private func expectSame(
        _ flags: [String],
        _ script: String,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let (socle, docker) = try both(flags, script)
        #expect(socle.summary == docker.summary, "\(flags) \(script)", sourceLocation: location)
    }

    @Test func mountsAreTheSame() throws {
        // Mount point, options, type and super block options; what names the machine's own disks is left out.
        let script = """
            awk '{ split($0, half, " - "); split(half[1], a, " "); split(half[2], b, " ")
                   options = b[3]; gsub(/lowerdir=.*/, "", options); gsub(/,?inode64/, "", options)
                   if (b[1] == "overlay" || b[1] == "ext4") { print a[5], a[6], b[1] }
                   else print a[5], a[6], b[1], options }' /proc/self/mountinfo | sort
            """
        try expectSame(script)
    }

    @Test func identityAndCapabilitiesAreTheSame() throws {
        try expectSame(
            "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:|NSpid|Umask|SigBlk)' /proc/self/status"
        )
        try expectSame(["-u", "1000"], "id; grep -E '^(Uid|Gid|Groups|Cap)' /proc/self/status")
        try expectSame(["-u", "user"], "id; echo $HOME; pwd")
        try expectSame(["-u", "user:extra"], "id")
        try expectSame(["--cap-drop", "ALL", "--cap-add", "CHOWN"], "grep Cap /proc/self/status")
        // A machine that is a container itself may not have all that Docker wants to give.
        let (privileged, theirs) = try both(["--privileged"], "grep -E '^(Cap|Seccomp:)' /proc/self/status")
        #expect(privileged.status == 0)
        if theirs.status == 0 { #expect(privileged.summary == theirs.summary) }
    }

    @Test func limitsAreTheSame() throws {
        // The hard limit of open files is the daemon's own, raised by its service; it is compared where both inherit.
        try expectSame("grep -v 'open files' /proc/self/limits")
    }

    @Test func devicesAreTheSame() throws {
        try expectSame(
            "ls -l /dev | awk '{ print $1, $3, $4, $5, $6, $NF, $(NF-2) }' | grep -v ':' | sort; ls -l /dev/fd /dev/ptmx | wc -l"
        )
        try expectSame("for d in null zero full random urandom tty; do stat -c '%n %a %t:%T %F' /dev/$d; done")
        // What the device list forbids.
        try expectSame("mknod /tmp/disk b 254 0 && cat /tmp/disk >/dev/null; echo $?")
        try expectSame("mknod /tmp/null c 1 3 && echo x > /tmp/null; echo $?")
    }

    @Test func maskedAndReadOnlyPathsAreTheSame() throws {
        try expectSame(
            """
            for p in acpi asound kcore keys latency_stats timer_list timer_stats sched_debug scsi; do
                [ -e /proc/$p ] && { echo $p; wc -c < /proc/$p 2>&1; ls -A /proc/$p 2>/dev/null | wc -l; }; done
            for p in bus fs irq sys sysrq-trigger; do ( echo x > /proc/$p/x ) 2>&1 | sed 's/.*: //'; done
            ls -A /sys/firmware | wc -l
            echo b > /proc/sysrq-trigger 2>/dev/null; echo $?
            echo 1 > /proc/sys/kernel/panic 2>/dev/null; echo $?
            """
        )
    }

    @Test func namesAndEnvironmentAreTheSame() throws {
        try expectSame(["--hostname", "box"], "hostname; cat /etc/hostname; env | sort; cat /etc/hosts | grep -v box")
        try expectSame(["-e", "A=b", "-e", "PATH=/bin", "-w", "/tmp/new"], "env | grep -v HOSTNAME | sort; pwd")
        let (socle, docker) = try both([], "hostname; echo $HOSTNAME")
        #expect(
            socle.text.split(separator: "\n").map(\.utf8.count) == docker.text.split(separator: "\n").map(\.utf8.count)
        )
    }

    @Test func sysctlsAndNamespacesAreTheSame() throws {
        try expectSame(
            "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ping_group_range; ls /sys/class/net; ip -4 -o addr | awk '{ print $2, $4 }'"
        )
        let script = "for n in mnt net uts ipc pid; do readlink /proc/self/ns/$n; done"
        let host = try Command.run("sh", ["-c", script]).text.split(separator: "\n")
        let (socle, _) = try both([], script)
        let inside = socle.text.split(separator: "\n")
        #expect(inside.count == host.count)
        for (ours, theirs) in zip(inside, host) { #expect(ours != theirs) }
    }

    /// Every setting of the kernel that can be read. Docker turns IPv6 off (docs/differences.md); what counts is always another.
    @Test func kernelSettingsAreTheSame() throws {
        try expectSame(
            ["--hostname", "box"],
            """
            find /proc/sys -type f | sort |
                grep -vE '/disable_ipv6$|/fs/(dentry-state|(file|inode)-(nr|state)|quota/|aio-nr)|/kernel/(ns_last_pid|random/|pty/nr)|_count$' |
                while read file; do echo "$file $(cat $file 2>&1)"; done
            """
        )
    }

    /// Which namespaces are the host's, and what the kernel says of the others.
    @Test func namespacesAreTheSame() throws {
        let script = "for n in /proc/self/ns/*; do echo $n $(readlink $n); done"
        let host = Set(try Command.run("sh", ["-c", script]).text.split(separator: "\n"))
        let (socle, docker) = try both([], script)
        let shared = { (said: Command) in said.text.split(separator: "\n").map { host.contains($0) } }
        #expect(shared(socle).count > 8 && shared(socle) == shared(docker))
        try expectSame(
            "cd /proc/self; cat attr/* oom_score_adj loginuid sessionid setgroups uid_map gid_map timens_offsets coredump_filter personality 2>&1"
        )
    }

    /// Limits, devices and modes of the control groups, without what is measured.
    @Test func controlGroupsAreTheSame() throws {
        try expectSame(
            """
            find /sys/fs/cgroup/ -maxdepth 2 -type f | sort | while read file; do
                case $file in
                */tasks|*/cgroup.procs|*/cgroup.threads|*usage*|*stat*|*/cpuacct.*|*pressure*|*events*|*.current|*.peak|*/blkio.*|*fail*)
                    stat -c '%n %a %u:%g' $file;;
                *) stat -c '%n %a %u:%g' $file; cat $file 2>&1 | sort;;
                esac
            done
            stat -c '%n %F %a %u:%g' /sys/fs/cgroup /sys/fs/cgroup/*
            """
        )
    }

    @Test func seccompAnswersAreTheSame() throws {
        try expectSame("unshare -U true; echo $?")
        try expectSame("mount -t tmpfs t /tmp; echo $?")
        try expectSame("chroot / true; echo $?")
        try expectSame("date -s 2020-01-01 2>/dev/null; echo $?")
    }

    @Test func theRootIsReadOnlyWhenAsked() throws {
        try expectSame(["--read-only"], "touch /x; touch /dev/shm/x && echo shm; touch /etc/hosts; echo $?")
        try expectSame(["--read-only", "--tmpfs", "/tmp"], "touch /tmp/x && mount | grep ' /tmp '")
    }

    @Test func exitStatusesAreTheSame() throws {
        let words: [[String]] = [
            ["true"], ["false"], ["sh", "-c", "exit 7"], ["sh", "-c", "kill -9 $$"],
            ["sh", "-c", "kill -TERM $$; sleep 1"],
            ["/nothing"], ["nothing"], ["/etc/passwd"], ["/etc"], [],
        ]
        for word in words {
            let line = ["run", "--rm", "--network", "none", Self.image] + word
            #expect(try socle.run(line).status == Docker.run(line).status, "\(word)")
        }
        for flags in [
            ["--nonsense"], ["--cap-add", "NOTHING"], ["-w", "relative"], ["-v", "a:b:c:d"], ["-u", "nobody-here"],
        ] {
            let line = ["run", "--rm", "--network", "none"] + flags + [Self.image, "true"]
            #expect(try socle.run(line).status == Docker.run(line).status, "\(flags)")
        }
    }

    @Test func streamsAreTheSame() throws {
        let text = Array("one\ntwo\n".utf8)
        #expect(try socle.run(["run", "--rm", "-i", Self.image, "cat"], input: text).output == text)
        // Without -i there is no input.
        #expect(try socle.run(["run", "--rm", Self.image, "cat"], input: text).output == [])
        let result = try socle.run(["run", "--rm", Self.image, "sh", "-c", "echo out; echo err >&2"])
        #expect(result.text == "out\n" && result.errorText == "err\n")
        let size = try socle.run(["run", "--rm", Self.image, "sh", "-c", "head -c 20000000 /dev/zero"])
        #expect(size.output.count == 20_000_000)
    }

    @Test(.requires(.tool("runc")))
    func anotherRuntimeSeesTheSame() throws {
        let script =
            "id; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; env | grep -v HOSTNAME | sort; cut -d' ' -f5 /proc/self/mountinfo | sort; exit 3"
        let native = try socle.run(["run", "--rm", Self.image, "sh", "-c", script])
        let runc = try socle.run(["run", "--rm", "--runtime", "runc", Self.image, "sh", "-c", script])
        #expect(native.summary == runc.summary)
        #expect(native.status == 3)
    }

    /// Docker has the flag since version 24.
    @Test(.requires(.all(.tool("runc"), .tool("jq"))))
    func annotationsReachTheRuntime() throws {
        let result = try socle.shell(
            #"""
            echo '#!/bin/sh' >runtime
            echo "find $SOCLE_ROOT -name config.json | xargs jq -Sc .annotations >>$PWD/seen; exec runc \"\$@\"" >>runtime
            chmod 755 runtime
            socle run --rm --runtime "$PWD/runtime" --annotation b.key=a=b --annotation c \#(Self.image) true
            sort -u seen
            socle create --name annotated --annotation a=1 \#(Self.image) true >/dev/null
            socle inspect -f '{{json .HostConfig.Annotations}}' annotated; socle rm annotated
            socle run --rm --annotation =x \#(Self.image) true 2>/dev/null; echo $?
            """#
        )
        #expect(result.text == "{\"b.key\":\"a=b\",\"c\":\"\"}\n{\"a\":\"1\"}\nannotated\n125\n", "\(result.summary)")
    }
}
