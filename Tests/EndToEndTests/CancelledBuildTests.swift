import SocleTesting
import SystemPackage
import Testing

/// Builds that are called off: by a signal, by another step's failure, by `kill -9`.
@Suite(.requires(.all(.root, .overlay, .tool("python3"), Fixture.busybox)), .serialized)
final class CancelledBuildTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", tar, "base")
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        self.socle = socle
    }

    /// Starts a build, waits until each of its steps has said `ready`, and sends a signal.
    private static let script = #"""
        import os, signal, subprocess, sys, time
        number, steps = int(sys.argv[1]), int(sys.argv[2])
        def sleepers():
            found = []
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try: words = open("/proc/%s/cmdline" % pid, "rb").read().split(b"\0")
                except OSError: continue
                if words[:2] == [b"sleep", b"98765"]: found.append(pid)
            return found
        build = subprocess.Popen([os.environ["SOCLE"], "build", "--network", "none", "--progress", "plain", "-t", "app", *sys.argv[3:], "."], stderr=subprocess.PIPE, text=True)
        log = ""
        # Progress shows one step at a time; that the others run is seen by what they run.
        while not log.rstrip().endswith(" ready"): log += build.stderr.readline()
        end = time.time() + 60
        while len(sleepers()) < 2 * steps and time.time() < end: time.sleep(0.05)
        if len(sleepers()) < 2 * steps: print("no sleepers", log)
        begin = time.time()
        build.send_signal(number)
        log += build.stderr.read()
        print(build.wait(), "slow" if time.time() - begin > 5 else "soon", len(sleepers()))
        print("\n".join(line.split(" ", 1)[-1] for line in log.split("\n") if "CANCELED" in line or line.startswith("ERROR")))
        """#

    private static let sleeper = "(sleep 98765 &) ; echo ready; sleep 98765"

    @Test(arguments: [(2, "130"), (15, "143"), (1, "129")])
    func aSignalEndsTheSteps(_ signal: Int, _ status: String) throws {
        try socle.write([
            "file": "x\n",
            "Dockerfile": .file(
                Array(
                    """
                    FROM base AS one
                    RUN --mount=target=/src,rw --mount=type=cache,target=/c --mount=type=tmpfs,target=/t \(Self.sleeper)
                    FROM base AS two
                    RUN \(Self.sleeper)
                    FROM base
                    COPY --from=one /x /
                    COPY --from=two /x /
                    """.utf8
                )
            ),
        ])
        let result = try socle.python(Self.script, ["\(signal)", "2"])
        #expect(
            result.text == """
                \(status) soon 0
                CANCELED
                CANCELED
                failed to build: failed to solve: Canceled: context canceled

                """,
            "\(result.text)\(result.errorText)"
        )
        try socle.expectNothingLeft()
        #expect(try socle.output("images", "-q", "app") == "")
        #expect(
            try socle.shell("sqlite3 $SOCLE_ROOT/socle.db 'select count(*) from leases' 2>/dev/null || echo 0")
                .succeeding() == "0"
        )
        // What was called off can be done afterwards.
        try socle.write(["Dockerfile": "FROM base\nRUN --mount=type=cache,target=/c ls -A /c\n"])
        try socle.output("build", "--network", "none", "-q", ".")
    }

    /// The first step that fails ends the others.
    @Test func aFailureEndsTheOtherSteps() throws {
        try socle.write([
            "Dockerfile": .file(
                Array(
                    """
                    FROM base AS one
                    RUN --mount=type=cache,target=/c touch /c/up; \(Self.sleeper)
                    FROM base AS two
                    RUN --mount=type=cache,target=/c while ! [ -e /c/up ]; do sleep 0.1; done; echo giving up; exit 3
                    FROM base
                    COPY --from=one /x /
                    COPY --from=two /x /
                    """.utf8
                )
            )
        ])
        let result = try socle.run(["build", "--network", "none", "--progress", "plain", "."])
        #expect(result.status == 1)
        #expect(result.errorText.contains("CANCELED\n"), "\(result.errorText)")
        #expect(result.errorText.contains("did not complete successfully: exit code: 3"), "\(result.errorText)")
        try socle.expectNothingLeft()
    }

    /// A lock of another build's is waited for, but not against the user's will.
    @Test func waitingForACacheIsCalledOff() throws {
        try socle.write([
            "Dockerfile": .file(
                Array("FROM base\nRUN --mount=type=cache,target=/c,sharing=locked \(Self.sleeper)\n".utf8)
            ),
            "Second": "FROM base\nRUN --mount=type=cache,target=/c,sharing=locked echo never\n",
        ])
        let result = try socle.python(
            #"""
            import os, signal, subprocess, time
            def start(name): return subprocess.Popen([os.environ["SOCLE"], "build", "--network", "none", "--progress", "plain", "-f", name, "."], stderr=subprocess.PIPE, text=True)
            first = start("Dockerfile")
            while not first.stderr.readline().rstrip().endswith(" ready"): pass
            second = start("Second")
            time.sleep(1)
            second.send_signal(signal.SIGINT)
            log = second.stderr.read()
            print(second.wait(), "CANCELED" in log, "never" in log.split("RUN")[-1].split("\n", 1)[-1])
            first.send_signal(signal.SIGINT)
            first.stderr.read()
            print(first.wait())
            """#
        )
        #expect(result.text == "130 True False\n130\n", "\(result.text)\(result.errorText)")
        try socle.expectNothingLeft()
    }

    /// Whoever starts a build with signals ignored (nohup) has them ignored.
    @Test func anIgnoredSignalStaysIgnored() throws {
        try socle.write(["Dockerfile": "FROM base\nRUN echo ready; sleep 1; echo over\n"])
        let result = try socle.python(
            #"""
            import os, signal, subprocess
            build = subprocess.Popen([os.environ["SOCLE"], "build", "--network", "none", "--progress", "plain", "."], stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
            while not build.stderr.readline().rstrip().endswith(" ready"): pass
            build.send_signal(signal.SIGHUP)
            print("over" in build.stderr.read(), build.wait())
            """#
        )
        #expect(result.text == "True 0\n", "\(result.text)\(result.errorText)")
    }

    /// What a killed build leaves is removed by the next command.
    @Test func aKilledBuildIsCleanedUpAfter() throws {
        try socle.write([
            "Dockerfile": .file(
                Array(
                    """
                    FROM base
                    RUN --mount=target=/src,rw --mount=type=cache,target=/c,sharing=locked \
                      --mount=type=secret,id=s touch /c/x; \(Self.sleeper)
                    """.utf8
                )
            ),
            "s": "secret\n",
        ])
        let result = try socle.python(Self.script, ["9", "1", "--secret", "id=s,src=s"])
        #expect(result.text.hasPrefix("-9 soon"), "\(result.text)\(result.errorText)")
        try socle.write(["Dockerfile": "FROM base\nRUN --mount=type=cache,target=/c,sharing=locked ls /c\n"])
        try socle.output("build", "--network", "none", "-q", ".")
        try socle.expectNothingLeft()
    }
}
