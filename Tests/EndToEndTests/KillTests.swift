import SocleTesting
import SystemPackage
import Testing

/// Processes of socle that die at any moment, and containers in great number: the next command tells the truth and
/// cleans up, and nothing stays behind.
///
/// `SOCLE_KILL_ROUNDS` and `SOCLE_KILL_SEED` make it longer and other.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, .tool("python3"))), .serialized)
struct KillTests {
    private func prepared() throws -> Socle {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", "busybox.tar", "base")
        return socle
    }

    private static let rounds = Environment.value("SOCLE_KILL_ROUNDS") ?? "60"
    private static let repetitions = Environment.value("SOCLE_KILL_ROUNDS") ?? "20"
    private static let seed = Environment.value("SOCLE_KILL_SEED") ?? "1"

    @Test func anyProcessIsKilledAtAnyMoment() throws {
        let socle = try prepared()
        let result = try socle.python(Self.harness, ["base", Self.rounds, Self.seed])
        #expect(result.text == "\n", "seed \(Self.seed):\n\(result.text)\(result.errorText)")
        try socle.expectNothingLeft()
    }

    /// In a network namespace of its own: no card, no rule, no mount of a namespace is left either.
    @Test(.requires(.all(.tool("ip"), .tool("nft"), .tool("unshare"))))
    func anyProcessIsKilledAtAnyMomentOnABridge() throws {
        let socle = try prepared()
        try socle.write(["harness": .file(Array(Self.harness.utf8))])
        let result = try socle.shell(
            """
            timeout 300 unshare -n bash -c '
                ip link set lo up
                python3 harness base \(Self.rounds) \(Self.seed) bridge none
                "$SOCLE" network prune -f >/dev/null
                nft list ruleset; ip -o link | grep -v ": lo:"; grep "$SOCLE_ROOT" /proc/self/mountinfo'; true
            """
        )
        #expect(result.text == "\n", "seed \(Self.seed):\n\(result.text)\(result.errorText)")
        try socle.expectNothingLeft()
    }

    @Test func fiftyAtOnce() throws {
        let socle = try prepared()
        let script = #"""
            for flags in --rm -d; do
                seq 50 | xargs -P 50 -I % sh -c "\$SOCLE run $flags base sh -c 'echo %; exit 7' >/dev/null 2>&1; echo \$?" | sort | uniq -c
            done
            for id in $(socle ps -aq); do socle wait $id; socle logs $id | wc -l; done | sort | uniq -c
            socle rm $(socle ps -aq) | wc -l
            """#
        let counts = try socle.shell(script).succeeding().split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        #expect(counts == ["50 7", "50 0", "50 1", "50 7", "50"])
        try socle.expectNothingLeft()
    }

    /// What stays behind of a run would be there many times.
    @Test func oneAfterAnotherLeavesNoMore() throws {
        let socle = try prepared()
        try expectTheSame(
            socle,
            """
            look() { grep -c "$SOCLE_ROOT" /proc/self/mountinfo; find "$SOCLE_ROOT" -not -path '*/cache/*' | wc -l; }
            once() { socle run --rm base true; ID=$(socle run -d base true); socle wait $ID >/dev/null; socle rm $ID >/dev/null; }
            """
        )
    }

    /// Nor addresses, names, rules or cards.
    @Test(.requires(.all(.tool("ip"), .tool("nft"), .tool("unshare"))))
    func oneAfterAnotherOnABridge() throws {
        let socle = try prepared()
        try expectTheSame(
            socle,
            within: "unshare -n",
            """
            look() {
                socle network inspect -f '{{len .Containers}}' bridge; nft list table inet socle | wc -l
                for i in $(seq 200); do ip -o link | grep -q veth || break; sleep 0.1; done; ip -o link | wc -l
                grep -c "$SOCLE_ROOT" /proc/self/mountinfo; find "$SOCLE_ROOT" -not -path '*/cache/*' | wc -l
            }
            once() {
                ip link set lo up; socle run --rm --network bridge -p 8080:80 base true
                ID=$(socle run -d --network bridge base true); socle wait $ID >/dev/null; socle rm $ID >/dev/null
            }
            """
        )
    }

    /// A monitor opens no more than it closes.
    @Test func aMonitorKeepsItsDescriptors() throws {
        let socle = try prepared()
        try expectTheSame(
            socle,
            """
            ID=$(socle run -d base sleep 1000)
            MONITOR=$(awk '/^PPid/ { print $2 }' /proc/$(socle inspect -f '{{.State.Pid}}' $ID)/status)
            look() { sleep 0.5; ls /proc/$MONITOR/fd | wc -l; ls /proc/$MONITOR/task | wc -l; }
            once() { socle exec $ID true; socle logs $ID; timeout -s KILL 0.1 "$SOCLE" attach --no-stdin $ID; }
            trap 'socle rm -f $ID >/dev/null' EXIT
            """
        )
    }

    /// Expects that `look` says the same before and after many times `once`, the first time not counted.
    private func expectTheSame(
        _ socle: borrowing Socle,
        within wrapper: String = "",
        _ functions: String,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let script =
            functions + #"""

                once; before=$(look)
                for i in $(seq $REPETITIONS); do once; done
                after=$(look); [ "$before" = "$after" ] && echo same || echo "$before / $after"
                """#
        try socle.write(["script": .file(Array(("socle() { \"$SOCLE\" \"$@\"; }\n" + script).utf8))])
        let said = try socle.shell(
            "timeout 300 \(wrapper) bash script",
            environment: ["REPETITIONS": Self.repetitions]
        )
        #expect(said.text == "same\n", "\(said.errorText)", sourceLocation: location)
        try socle.expectNothingLeft(location: location)
    }

    private static let harness = #"""
        import json, os, random, signal, subprocess, sys, time

        socle, image, rounds, seed = os.environ["SOCLE"], sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        network = sys.argv[4:] or ["none"]
        store = os.environ["SOCLE_ROOT"]
        dice = random.Random(seed)
        standing = "kill-standing"
        names = ["kill-a", "kill-b", "kill-c"]

        def run(*words, limit=60):
            return subprocess.run([socle, *words], capture_output=True, text=True, timeout=limit)

        def verb():
            """A command line, and whether it may fail where nobody is killed: what it works on comes and goes."""
            name, how = dice.choice(names), ["--network", dice.choice(network)]
            return dice.choice([
                ["run", "--rm", *how, image, "true"],
                ["run", "--rm", *how, image, "sh", "-c", "echo out; sleep 0.02"],
                ["run", *how, "--name", name, image, "sh", "-c", "echo out; sleep 0.02; exit 3"],
                ["run", "-d", *how, "--name", name, image, "sleep", "1000"],
                ["run", "-d", "--rm", *how, image, "sleep", "0.05"],
                ["run", "-d", *how, "--restart", "always", "--name", name, image, "sleep", "0.05"],
                ["create", *how, "--name", name, image, "sleep", "1000"],
                ["start", name], ["start", "-a", name], ["stop", "-t", "0", name], ["restart", "-t", "0", name], ["kill", name],
                ["rm", "-f", name], ["pause", name], ["unpause", name], ["rename", name, dice.choice(names)],
                ["exec", standing, "true"], ["exec", "-d", standing, "sleep", "0.05"], ["ps", "-a"], ["container", "prune", "-f"],
            ])

        def monitors():
            found = []
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/cmdline", "rb") as file: words = file.read()
                    with open(f"/proc/{pid}/environ", "rb") as file: variables = file.read()
                except OSError: continue
                if words.startswith(b"socle-monitor") and b"SOCLE_ROOT=" + store.encode() + b"\0" in variables + b"\0":
                    found.append(int(pid))
            return found

        def end(pid):
            try: os.kill(pid, signal.SIGKILL)
            except ProcessLookupError: pass

        def round(number):
            words, victims = verb(), dice.choice(["command", "monitor", "both", "monitors", "nobody"])
            before = set(monitors())
            delay = dice.random() * dice.choice([0.005, 0.02, 0.06])
            process = subprocess.Popen([socle, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(delay)
            own = [pid for pid in monitors() if pid not in before] if victims != "command" else []
            if victims in ("command", "both"): end(process.pid)
            if victims in ("monitor", "both"):
                for pid in own: end(pid)
            if victims == "monitors":
                for pid in monitors(): end(pid)
            # One that is attached to what goes on is killed as well.
            attached = words[:2] == ["start", "-a"]
            try: process.communicate(timeout=0.5 if attached else 30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                if attached: return check(f"round {number}: {words}, {victims} killed after {delay:.4f}")
                return f"round {number}: {words} doesn't end after {victims} died at {delay:.4f}"
            return check(f"round {number}: {words}, {victims} killed after {delay:.4f}")

        def check(what):
            """The next command says what is."""
            listed = run("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.State}}")
            if listed.returncode: return f"{what}: ps: {listed.stderr}"
            for line in listed.stdout.splitlines():
                ident, state = line.split()
                seen = run("inspect", "-f", "{{.State.Status}} {{.State.Pid}}", ident)
                # One that ends by itself may do so between two looks.
                if seen.returncode: continue
                status, pid = seen.stdout.split()
                if status in ("running", "paused") and not os.path.exists(f"/proc/{pid}"):
                    time.sleep(0.3)
                    again = run("inspect", "-f", "{{.State.Status}} {{.State.Pid}}", ident)
                    if again.stdout.split() == [status, pid]: return f"{what}: {ident[:12]} is {status} without process {pid}"
            return None

        failures = []
        for number in range(rounds):
            if number % 20 == 0 or not run("ps", "-q", "-f", f"name={standing}").stdout:
                run("rm", "-f", standing)
                made = run("run", "-d", "--network", dice.choice(network), "--name", standing, image, "sleep", "1000")
                if made.returncode: failures.append(f"round {number}: the standing container: {made.stderr}")
            trouble = round(number)
            if trouble: failures.append(trouble)
        # Nobody is left alive without the store knowing of it.
        for ident in run("ps", "-aq").stdout.split():
            gone = run("rm", "-f", ident)
            if gone.returncode and "No such container" not in gone.stderr: failures.append(f"rm -f {ident}: {gone.stderr}")
        if run("ps", "-aq").stdout: failures.append("containers are left: " + run("ps", "-a").stdout)
        deadline = time.time() + 5
        while monitors() and time.time() < deadline: time.sleep(0.05)
        if monitors(): failures.append(f"monitors are left: {monitors()}")
        print("\n".join(failures))
        """#
}
