import SocleTesting
import SystemPackage
import Testing

/// Commands that are killed at any moment, and commands at the same time: the store stays whole, and nothing stays behind.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct InterruptionTests {
    private func prepared() throws -> Socle {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", "busybox.tar", "base")
        return socle
    }

    /// Starts a command twenty times and kills it after a time between nothing and all that it takes.
    ///
    /// After every kill the next commands work; at the end nothing is left and every blob is sound.
    private func killAtAnyMoment(
        _ socle: borrowing Socle,
        _ command: String,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let script = #"""
            import os, random, signal, subprocess, sys, time
            random.seed(7)
            command = ["bash", "-c", "exec \"$SOCLE\" " + sys.argv[1]]
            def run(): return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            begin = time.time(); first = run().wait(); length = time.time() - begin
            if first: sys.exit("the command fails by itself: %d" % first)
            killed = 0
            for round in range(20):
                process = run()
                time.sleep(length * random.random())
                process.kill()
                killed += process.wait() == -signal.SIGKILL
                for next in (["images", "-q"], ["ps", "-aq"], ["run", "--rm", "base", "true"]):
                    result = subprocess.run([os.environ["SOCLE"], *next], capture_output=True, text=True)
                    if result.returncode: print("after kill %d: %s: %s" % (round, next, result.stderr))
            print("killed" if killed > 5 else "killed only %d" % killed)
            """#
        let result = try socle.python(script, [command])
        #expect(result.text == "killed\n", "\(result.text) \(result.errorText)", sourceLocation: location)
        // A whole one afterwards, as always.
        try socle.shell("socle \(command)").succeeding()
        try socle.shell("socle rm -f $(socle ps -aq) >/dev/null 2>&1; true").succeeding()
        let check = try socle.run(["system", "check"])
        #expect(check.status == 0 && check.text.contains("all sound"), "\(check.text)", sourceLocation: location)
        try socle.expectNothingLeft(location: location)
        #expect(
            try socle.shell("ls $SOCLE_ROOT/containers | grep -cE '^[0-9a-f]{64}' || true").succeeding() == "0",
            sourceLocation: location
        )
    }

    @Test func importIsKilled() throws {
        let socle = try prepared()
        try socle.shell("head -c 20000000 /dev/urandom > big; tar -cf big.tar big").succeeding()
        try killAtAnyMoment(socle, "import big.tar big")
        #expect(try socle.shell("socle save big | tar -xOf - manifest.json | grep -c big").succeeding() == "1")
    }

    @Test func loadIsKilled() throws {
        let socle = try prepared()
        try socle.shell(
            "head -c 20000000 /dev/urandom > big; tar -cf big.tar big; socle import big.tar big; socle save -o saved.tar big base; socle rmi big"
        ).succeeding()
        try killAtAnyMoment(socle, "load -q -i saved.tar")
    }

    @Test func buildIsKilled() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": """
            FROM base
            COPY big /big
            RUN cp /big /copy && sleep 0.1
            RUN cat /proc/sys/kernel/random/uuid > /id
            """
        ])
        try socle.shell("head -c 5000000 /dev/urandom > big").succeeding()
        try killAtAnyMoment(socle, "build -q --no-cache -t app .")
        #expect(try socle.output("run", "--rm", "app", "sh", "-c", "cmp /big /copy && wc -c < /id") == "37")
    }

    @Test func cachedBuildIsKilled() throws {
        let socle = try prepared()
        try socle.write(["Dockerfile": "FROM base\nARG N\nRUN echo $N > /n\nRUN cat /n /n > /m\n"])
        try killAtAnyMoment(socle, "build -q --build-arg N=$RANDOM -t app .")
        #expect(try socle.output("run", "--rm", "app", "sh", "-c", "wc -l < /m") == "2")
    }

    @Test(arguments: ["run --rm base sleep 0.2", "run base sleep 0.2", "run --init -v data:/data base sleep 0.2"])
    func runIsKilled(_ command: String) throws {
        let socle = try prepared()
        try killAtAnyMoment(socle, command)
    }

    @Test func removalIsKilled() throws {
        let socle = try prepared()
        try killAtAnyMoment(socle, "import busybox.tar other >/dev/null && exec \"$SOCLE\" rmi other")
    }

    // MARK: - At the same time

    @Test func twoBuildsOfOneTag() throws {
        let socle = try prepared()
        try socle.write(["Dockerfile": "FROM base\nARG N\nRUN echo $N > /n; sleep 0.1\nCOPY Dockerfile /\n"])
        let script = """
            for n in 1 2; do socle build -q -t app --build-arg N=$n . > id.$n & done
            for job in $(jobs -p); do wait $job || echo failed; done
            socle images -q --no-trunc app | grep -cxF -e "$(cat id.1)" -e "$(cat id.2)"
            socle run --rm app cat /n | grep -c '^[12]$'
            """
        #expect(try socle.shell(script).succeeding() == "1\n1")
        #expect(try socle.output("system", "check").contains("all sound"))
        try socle.expectNothingLeft()
    }

    @Test func oneBuildTwice() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": "FROM base\nRUN cat /proc/sys/kernel/random/uuid > /id; sleep 0.1\nRUN cp /id /copy\n"
        ])
        let script = """
            for n in 1 2 3 4; do socle build -q -t app$n . > id.$n & done
            for job in $(jobs -p); do wait $job || echo failed; done
            for n in 1 2 3 4; do socle run --rm app$n cmp /id /copy || echo differs; done
            """
        #expect(try socle.shell(script).succeeding() == "")
        #expect(try socle.output("system", "check").contains("all sound"))
        try socle.expectNothingLeft()
    }

    @Test func importsWhileImagesAreRemoved() throws {
        let socle = try prepared()
        let script = """
            for n in 1 2 3 4 5 6 7 8; do
                (for i in 1 2 3; do
                    [ $n -lt 5 ] && file=busybox.tar || { printf "$n$i" > f$n; tar -cf $n.tar f$n; file=$n.tar; }
                    socle import $file image$n > /dev/null || echo "import $n"
                    [ $n -lt 5 ] && { socle run --rm image$n true || echo "run $n"; }
                    [ $i = 3 ] || socle rmi image$n > /dev/null || echo "rmi $n"
                done) &
            done
            wait
            socle images -q image* | wc -l
            """
        let result = try socle.shell(script)
        #expect(result.summary == "status 0\n8\n")
        #expect(try socle.output("system", "check").contains("all sound"))
        for number in 1...4 { #expect(try socle.output("run", "--rm", "image\(number)", "echo", "works") == "works") }
        try socle.expectNothingLeft()
    }

    @Test func containersAtTheSameTime() throws {
        let socle = try prepared()
        let script = """
            for n in $(seq 12); do (socle run --rm -v shared:/data base sh -c "echo $n > /data/$n; exit $n"; [ $? = $n ] || echo "status of $n") & done
            wait
            socle run --rm -v shared:/data base ls /data | sort -n | tr '\\n' ' '
            """
        #expect(try socle.shell(script).succeeding() == "1 2 3 4 5 6 7 8 9 10 11 12 ")
        try socle.expectNothingLeft()
    }
}
