import SocleTesting
import SystemPackage
import Testing

/// The flags of `build` and RUN that say in which surroundings a step runs. The classic builder of Docker's says the same
/// where it knows them.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
final class RunFlagTests {
    private static let image = "socle-test-run-flags"
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", tar, Self.image)
        if Docker.isThere.isMet { try Docker.output("import", tar, Self.image) }
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        self.socle = socle
    }

    deinit { if Docker.isThere.isMet { _ = try? Docker.run(["rmi", "-f", Self.image]) } }

    private func build(_ run: String, _ flags: [String]) throws -> Command {
        try socle.write(["Dockerfile": .file(Array("FROM \(Self.image)\nRUN \(run)\n".utf8))])
        return try socle.run(["build", "--progress", "plain", "--no-cache"] + flags + ["."])
    }

    /// What the step said.
    private func said(_ run: String, _ flags: [String]) throws -> [String] {
        let result = try build(run, flags)
        #expect(result.status == 0, "\(result.errorText)")
        return result.errorText.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard words.count == 3, words[0].hasPrefix("#"), Double(words[1]) != nil else { return nil }
            return String(words[2])
        }
    }

    /// What Docker's classic builder says that the step said.
    private func saidByDocker(_ flags: [String]) throws -> [String] {
        let result = try Docker.run(["build", "--no-cache", "--force-rm"] + flags + ["."], directory: socle.work)
        #expect(result.status == 0, "\(result.errorText)")
        return result.text.split(separator: "\n").map(String.init).filter { line in
            !["Sending build", "Step ", " --->", "Removing", "Successfully"].contains { line.hasPrefix($0) }
        }
    }

    @Test(
        .requires(Docker.isThere),
        arguments: [
            (["--ulimit", "nofile=123:456", "--ulimit", "core=0"], "ulimit -n; ulimit -Hn; ulimit -c"),
            (["--shm-size", "3m"], "df -k /dev/shm | tail -1 | awk '{print $2}'"),
            (["--memory", "64m", "--memory-swap", "64m"], "cat /sys/fs/cgroup/memory/memory.limit_in_bytes"),
            (["--cpu-shares", "512"], "cat /sys/fs/cgroup/cpu/cpu.shares"),
            (
                ["--cpu-period", "50000", "--cpu-quota", "20000"],
                "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us"
            ),
            (
                ["--cpuset-cpus", "0", "--cpuset-mems", "0"],
                "cat /sys/fs/cgroup/cpuset/cpuset.cpus /sys/fs/cgroup/cpuset/cpuset.mems"
            ),
            (["--add-host", "one:10.1.2.3", "--add-host", "two:fe80::1"], "grep -E 'one|two' /etc/hosts"),
            (["--rm", "--force-rm"], "grep -E 'Cap(Eff|Bnd)|Seccomp:' /proc/self/status"),
        ]
    )
    func theSameAsTheClassicBuilder(_ flags: [String], _ run: String) throws {
        let all = ["--network", "none"] + flags
        let ours = try said(run, all)
        #expect(try !ours.isEmpty && ours == saidByDocker(all), "\(flags)")
    }

    @Test func networks() throws {
        let count = "grep -c : /proc/net/dev"
        let host = try Command.output(of: "sh", ["-c", count])
        let all = String(decoding: host, as: UTF8.self).trimmingLastNewline
        #expect(try said(count, ["--network", "none"]) == ["1"])
        #expect(try said("--network=none \(count)", []) == ["1"])
        #expect(try said("--network=default \(count)", ["--network", "none"]) == ["1"])
        #expect(try said("--network=host \(count)", ["--allow", "network.host"]) == [all])
        #expect(try said("--network=host \(count)", ["--network", "host"]) == [all])
        #expect(try said("--network=host \(count)", ["--network", "none", "--allow", "network.host"]) == [all])
    }

    @Test func whatIsNotAllowedIsRefusedBeforeAnythingRuns() throws {
        for (flags, message) in [
            (
                "--network=host",
                "failed to solve: network.host is not allowed\nhint: `socle build --allow network.host` allows it"
            ),
            ("--security=insecure", "failed to solve: security.insecure is not allowed"),
            (
                "--device=vendor.com/class",
                "device feature is only supported in Dockerfile frontend 1.14.0-labs or later"
            ),
        ] {
            let result = try build("echo first\nRUN \(flags) true", [])
            #expect(result.status == 1 && result.errorText.contains(message), "\(result.errorText)")
            #expect(result.errorText.contains("   3 | >>> RUN \(flags) true"), "\(result.errorText)")
            #expect(!result.errorText.contains("RUN echo first\n#"), "\(result.errorText)")
        }
        let unknown = try build("true", ["--allow", "everything"])
        #expect(unknown.errorText.contains("unknown entitlement everything"), "\(unknown.errorText)")
    }

    @Test func anInsecureStepMayDoEverything() throws {
        let run =
            "mkdir /m && mount -t tmpfs tmpfs /m && grep -E 'CapEff|Seccomp:' /proc/self/status && test -e /dev/kmsg && echo all"
        let lines = try said("--security=insecure \(run)", ["--allow", "security.insecure", "--network", "none"])
        #expect(lines.last == "all" && lines.contains("Seccomp:\t0"), "\(lines)")
        let sandboxed = try build(run, ["--network", "none"])
        #expect(sandboxed.status == 1 && sandboxed.errorText.contains("permission denied"), "\(sandboxed.errorText)")
        try socle.expectNothingLeft()
    }

    @Test func securityOptions() throws {
        let status = "grep -E 'NoNewPrivs|Seccomp:' /proc/self/status"
        #expect(try said(status, ["--network", "none"]) == ["NoNewPrivs:\t0", "Seccomp:\t2"])
        #expect(
            try said(
                status,
                ["--network", "none", "--security-opt", "no-new-privileges", "--security-opt", "seccomp=unconfined"]
            )
                == ["NoNewPrivs:\t1", "Seccomp:\t0"]
        )
    }

    @Test func hosts() throws {
        let lines = try said(
            "grep -E ' ?(a|b|c|d)$' /etc/hosts",
            [
                "--network", "none", "--add-host", "a=1.2.3.4,1.2.3.5", "--add-host", "b=[::1]", "--add-host",
                "c:9.9.9.9", "--add-host", "d=host-gateway",
            ]
        )
        #expect(lines == ["1.2.3.4\ta", "1.2.3.5\ta", "::1\tb", "9.9.9.9\tc", "127.0.0.1\td"])
        for host in ["a", "a=", "=1.2.3.4", "a=1.2.3", "a=name", "a b=1.2.3.4"] {
            let result = try build("true", ["--add-host", host])
            #expect(
                result.status != 0 && result.errorText.contains("invalid host \(host)"),
                "\(host): \(result.errorText)"
            )
        }
    }

    /// What programs see belongs to a step's key; how much they may take doesn't.
    @Test func surroundingsAndTheCache() throws {
        try socle.write(["Dockerfile": .file(Array("FROM \(Self.image)\nRUN true\n".utf8))])
        func isCached(_ flags: String...) throws -> Bool {
            let result = try socle.run(["build", "--progress", "plain", "--network", "none"] + flags + ["."])
            #expect(result.status == 0, "\(result.errorText)")
            return result.errorText.split(separator: "RUN true\n").last?.split(separator: "\n").first?.hasSuffix(
                " CACHED"
            ) == true
        }
        #expect(try !isCached())
        #expect(try isCached("--memory", "64m", "--cpu-shares", "3"))
        for flags in [["--add-host", "x=1.1.1.1"], ["--shm-size", "1m"], ["--ulimit", "nofile=99"]] {
            #expect(try !isCached(flags[0], flags[1]), "\(flags)")
            #expect(try isCached(flags[0], flags[1]), "\(flags)")
        }
        // Proxies that nobody declared aren't part of it, but are there.
        #expect(try isCached("--build-arg", "HTTP_PROXY=http://p"))
        #expect(
            try said("echo $http_proxy $HTTP_PROXY", ["--network", "none", "--build-arg", "HTTP_PROXY=http://p"]) == [
                "http://p http://p"
            ]
        )
    }

    @Test func whatIsRefused() throws {
        for (flags, message) in [
            (["--cgroup-parent", "x"], "unsupported flag: --cgroup-parent"),
            (["--isolation", "x"], "unsupported flag: --isolation"),
            (["--rm=false"], "--rm=false: a build's containers are always removed"),
            (["--memory", "1m"], "Minimum memory limit allowed is 6MB"),
            (["--security-opt", "what"], "Invalid --security-opt: \"what\""),
        ] {
            let result = try build("true", ["--network", "none"] + flags)
            #expect(result.status != 0 && result.errorText.contains(message), "\(flags): \(result.errorText)")
        }
    }
}
