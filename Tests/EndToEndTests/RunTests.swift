import SocleTesting
import SystemPackage
import Testing

/// `run`: flags, files, and what is said when it can't be. The same words go to Docker.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, Docker.isThere)), .serialized)
final class RunTests {
    private static let image = "socle-test-run"
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        let changes = ["ENV FROM=image EMPTY=", "CMD [\"echo\", \"default\"]", "WORKDIR /start", "LABEL made=here"]
        let words = ["import"] + changes.flatMap { ["-c", $0] } + [tar, Self.image]
        _ = try (socle.run(words).succeeding(), Docker.run(words).succeeding())
        try socle.write([
            "folder": ["file": "on the host\n"],
            "one.env": "# comment\nA=1\n\nFROM=file\nB=two words\nHOME\nNOTHERE\n  C=3\n",
            "bad.env": "A B=1\n",
        ])
        self.socle = socle
    }

    deinit { _ = try? Docker.run(["rmi", "-f", Self.image]) }

    /// Runs the same words on both in the test's folder.
    private func both(_ flags: [String], _ command: [String]) throws -> (socle: Command, docker: Command) {
        let words = ["run", "--rm", "--network", "none"] + flags + [Self.image] + command
        return (try socle.run(words), try Docker.run(words, directory: socle.work))
    }

    private func expectSame(
        _ flags: [String],
        _ command: [String],
        location: SourceLocation = #_sourceLocation
    ) throws {
        let (socle, docker) = try both(flags, command)
        #expect(socle.summary == docker.summary, "\(flags) \(command)", sourceLocation: location)
    }

    /// The first line, without the names of the programs that Docker passed it through.
    private static func plain(_ command: Command) -> String {
        var line = command.plainError.split(separator: "\n").first.map(String.init) ?? ""
        for passing in ["failed to create shim task: OCI runtime create failed: runc create failed: ", ": unknown"] {
            line = line.split(separator: passing).joined()
        }
        if let flag = line.split(separator: "for \"--mount\" flag: ", maxSplits: 1).dropFirst().first {
            line = String(flag)
        }
        return line.lowercased().filter { !"\"'`.".contains($0) }
    }

    /// The same status, and the same words but for who speaks, quotes and capitals.
    private func expectSameRefusal(
        _ flags: [String],
        _ command: [String] = ["true"],
        location: SourceLocation = #_sourceLocation
    ) throws {
        let (socle, docker) = try both(flags, command)
        #expect(
            socle.status == docker.status && socle.status != 0,
            "\(flags): \(socle.status) \(docker.summary)",
            sourceLocation: location
        )
        #expect(Self.plain(socle) == Self.plain(docker), "\(flags)", sourceLocation: location)
    }

    @Test func environment() throws {
        let print = ["sh", "-c", "env | grep -v HOSTNAME | sort; pwd"]
        try expectSame([], print)
        try expectSame(
            ["-e", "A=b", "-e", "FROM=flag", "-e", "PATH", "-e", "UNSET", "--env", "E=a=b", "-e", "EMPTY="],
            print
        )
        try expectSame(["--env-file", "one.env"], print)
        try expectSame(["--env-file", "one.env", "-e", "A=flag"], print)
        try expectSameRefusal(["--env-file", "bad.env"])
        try expectSameRefusal(["--env-file", "missing.env"])
        try expectSameRefusal(["-e", "=x"])
    }

    @Test func whatIsRun() throws {
        try expectSame([], [])
        try expectSame(["--entrypoint", "cat"], ["/etc/group"])
        try expectSame(["--entrypoint", ""], ["echo", "cleared"])
        try expectSame(["--entrypoint", "echo"], [])
        try expectSame(["-w", "/new/folder"], ["sh", "-c", "pwd; stat -c '%a %u' /new"])
        try expectSame(["-w", "/tmp"], ["pwd"])
        try expectSame(
            ["--hostname", "box", "--add-host", "other:10.0.0.1", "--add-host", "six:::1"],
            ["cat", "/etc/hosts"]
        )
        try expectSame(["-u", "user"], ["id"])
        try expectSame(["-u", "0:user"], ["id"])
        try expectSame(["-u", "12345"], ["id"])
        try expectSame(["-u", "user:2000", "--group-add", "extra", "--group-add", "3000"], ["id"])
        try expectSame(
            ["--ulimit", "nofile=100:200", "--ulimit", "core=0"],
            ["sh", "-c", "ulimit -n; ulimit -Hn; ulimit -c"]
        )
        try expectSame(["--cap-drop", "all"], ["grep", "Cap", "/proc/self/status"])
        try expectSame(["--cap-add", "SYS_TIME", "--cap-drop", "CAP_CHOWN"], ["grep", "Cap", "/proc/self/status"])
        try expectSame(["--security-opt", "no-new-privileges"], ["grep", "NoNewPrivs", "/proc/self/status"])
        try expectSame(
            ["--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "kernel.msgmax=4000"],
            ["cat", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/msgmax"]
        )
        try expectSame(["--shm-size", "8m"], ["sh", "-c", "df -k /dev/shm | awk 'END { print $2 }'"])
    }

    @Test func whatCantBeRun() throws {
        try expectSameRefusal([], ["nothing-here"])
        try expectSameRefusal([], ["/etc/passwd"])
        try expectSameRefusal([], ["/etc"])
        try expectSameRefusal(["-u", "nobody-here"])
        try expectSameRefusal(["-u", "0:nogroup-here"])
        try expectSameRefusal(["--cap-add", "NOTHING"])
        try expectSameRefusal(["-w", "relative"])
        try expectSameRefusal(["--name", "-bad"])
        try expectSameRefusal(["--name", "x"])
        try expectSameRefusal(["--ulimit", "nothing=1"])
        try expectSameRefusal(["--memory", "1k"])
        try expectSameRefusal(["--nonsense"])
        try expectSameRefusal(["--rm=maybe"])
        for (flags, word) in [
            (["-w", "/etc/passwd"], "/etc/passwd"), (["--pull", "sometimes"], "sometimes"), (["-v", ":/mnt"], ":/mnt"),
        ] {
            let result = try socle.run(["run", "--rm"] + flags + [Self.image, "true"])
            #expect(result.status == 125 && result.errorText.contains(word), "\(flags): \(result.summary)")
        }
        let missing = try socle.run(["run", "--pull", "never", "nothing-here"])
        #expect(missing.status == 125 && missing.errorText.contains("No such image: nothing-here"))
        #expect(try socle.output("ps", "-aq") == "")
    }

    @Test func files() throws {
        let here = socle.work.string
        let show = [
            "sh", "-c",
            "cat /mnt/file; echo new > /mnt/new; echo $?; grep ' /mnt ' /proc/self/mountinfo | cut -d' ' -f4-7",
        ]
        try expectSame(["-v", "\(here)/folder:/mnt"], show)
        try expectSame(["-v", "\(here)/folder:/mnt:ro"], show)
        try expectSame(["--mount", "type=bind,source=\(here)/folder,target=/mnt"], show)
        try expectSame(["--mount", "type=bind,src=\(here)/folder,dst=/mnt,readonly"], show)
        try expectSame(
            ["-v", "\(here)/folder/file:/etc/deep/file:ro"],
            ["sh", "-c", "cat /etc/deep/file; echo x > /etc/deep/file"]
        )
        try expectSame(
            ["--tmpfs", "/mnt"],
            ["sh", "-c", "grep ' /mnt ' /proc/self/mounts | cut -d' ' -f3-; stat -c %a /mnt"]
        )
        try expectSame(
            ["--tmpfs", "/mnt:size=1m,mode=700,exec"],
            ["sh", "-c", "grep ' /mnt ' /proc/self/mounts | cut -d' ' -f3-; stat -c %a /mnt"]
        )
        try expectSame(
            ["--mount", "type=tmpfs,target=/mnt,tmpfs-size=65536,tmpfs-mode=1770"],
            ["sh", "-c", "grep ' /mnt ' /proc/self/mounts; stat -c %a /mnt"]
        )
        // What -v misses is made; what --mount misses is not.
        try socle.output("run", "--rm", "-v", "\(here)/made/for:/mnt", Self.image, "touch", "/mnt/x")
        #expect(try socle.shell("ls made/for").succeeding() == "x")
        for mount in [
            "type=bind,source=\(here)/missing,target=/mnt", "type=bind,target=/mnt",
            "type=bind,source=relative,target=/mnt", "type=nothing,target=/mnt",
            "type=bind,source=/", "target", "type=bind,source=/tmp,target=/mnt,nonsense=1",
            "type=tmpfs,source=x,target=/mnt",
            "type=bind,source=/tmp,target=relative",
        ] {
            try expectSameRefusal(["--mount", mount])
        }
        for volume in ["/tmp:relative", "a:b:c:d", "/tmp:/mnt:what", "/tmp:/", "na me:/mnt"] {
            try expectSameRefusal(["-v", volume])
        }
        try expectSameRefusal(["-v", "/tmp:/mnt", "-v", "/usr:/mnt"])
    }

    @Test func volumes() throws {
        let script = """
            socle run --rm -v data:/etc \(Self.image) sh -c 'ls /etc; echo kept > /etc/mine'
            socle run --rm -v data:/other:ro \(Self.image) sh -c 'cat /other/mine; touch /other/x'
            socle run --rm --mount type=volume,source=data,target=/v \(Self.image) cat /v/mine
            socle run --rm -v /anonymous \(Self.image) sh -c 'touch /anonymous/x && ls /anonymous'
            ls $SOCLE_ROOT/volumes
            """
        let result = try socle.shell(script)
        #expect(result.text.contains("group\n") && result.text.contains("passwd\n"), "\(result.summary)")
        #expect(result.text.hasSuffix("kept\nkept\nx\ndata\n"), "\(result.summary)")
        #expect(result.errorText.contains("Read-only file system"))
    }

    @Test func readOnlyAndPrivileged() throws {
        try expectSame(
            ["--read-only", "--tmpfs", "/run", "-v", "socle-test-run:/v"],
            ["sh", "-c", "touch /x; touch /run/x /v/x /dev/shm/x && echo written"]
        )
        _ = try? Docker.run(["volume", "rm", "socle-test-run"])
        let privileged = try socle.run([
            "run", "--rm", "--privileged", Self.image, "sh", "-c",
            "mount -t tmpfs x /mnt 2>&1 || mkdir /mnt && mount -t tmpfs x /mnt && echo mounted; ls /dev | wc -l; echo 0 > /proc/sys/vm/nothing",
        ])
        #expect(
            privileged.text.hasPrefix("mounted\n") || privileged.text.contains("\nmounted\n"),
            "\(privileged.summary)"
        )
        #expect(!privileged.errorText.contains("Read-only file system"))
    }

    @Test func limits() throws {
        // Killed for want of memory is 137, and the record says why.
        let result = try socle.run([
            "run", "--name", "eater", "-m", "16m", "--memory-swap", "16m", Self.image, "sh", "-c",
            "x=x; while :; do x=$x$x; done",
        ])
        #expect(result.status == 137)
        #expect(
            try socle.output(
                "inspect",
                "-f",
                "{{.State.OOMKilled}} {{.State.ExitCode}} {{.HostConfig.Memory}}",
                "eater"
            ) == "true 137 16777216"
        )
        try socle.output("rm", "eater")
        let forks = try socle.run([
            "run", "--rm", "--pids-limit", "5", Self.image, "sh", "-c",
            "for i in 1 2 3 4 5 6 7; do sleep 1 & done; wait",
        ])
        #expect(forks.errorText.contains("can't fork"), "\(forks.summary)")
    }
}
