import SocleTesting
import SystemPackage
import Testing

/// Signals, terminals, and the init process.
@Suite(.requires(.all(.root, .overlay, .tool("python3"), Fixture.busybox)), .serialized)
final class SignalTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", tar, "base")
        self.socle = socle
    }

    /// What scripts use: `start(words)` starts socle and waits until the container has said `ready`.
    private static let prelude = #"""
        import fcntl, os, pty, select, signal, struct, subprocess, sys, termios, time
        socle = os.environ["SOCLE"]
        def start(*words):
            process = subprocess.Popen([socle, "run", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
            line = process.stdout.readline()
            if line != "ready\n": sys.exit("said %r" % line)
            return process
        def on_terminal(words, talk, rows=33, columns=101):
            child, terminal = pty.fork()
            if child == 0: os.execv(socle, [socle, "run", *words])
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            said = b""
            def until(word, seconds=10):
                nonlocal said
                end = time.time() + seconds
                while word not in said and time.time() < end:
                    if not select.select([terminal], [], [], 0.1)[0]: continue
                    try: more = os.read(terminal, 65536)
                    except OSError: break
                    if not more: break
                    said += more
                if word not in said: print("waited for %r, got %r" % (word, said))
                said = said.split(word, 1)[-1]
            talk(terminal, until)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            return status
        """# + "\n"

    private func expect(
        _ script: String, _ expected: String, location: SourceLocation = #_sourceLocation
    ) throws {
        let result = try socle.python(Self.prelude + script)
        #expect(result.text == expected, "\(result.errorText)", sourceLocation: location)
        #expect(try socle.output("ps", "-aq") == "", sourceLocation: location)
        try socle.expectNothingLeft(location: location)
    }

    @Test(arguments: [[], ["--name", "signalled"], ["--init"]])
    func signalsArePassedOn(_ flags: [String]) throws {
        // A first process has no default actions, so it says what it got; with --init the second one ends of it.
        let script = """
            flags = \(flags)
            for name, number in (("TERM", 15), ("HUP", 1), ("INT", 2), ("USR1", 10), ("QUIT", 3)):
                process = start("--rm", *flags, "base", "sh", "-c", "trap 'echo %s; exit 7' %s; echo ready; while :; do sleep 0.05; done" % (name, name))
                process.send_signal(number)
                print(process.stdout.read().strip(), process.wait())
            """
        try expect(script, "TERM 7\nHUP 7\nINT 7\nUSR1 7\nQUIT 7\n")
    }

    /// As programs do that start others from threads which block signals.
    @Test func signalsThatWereBlockedArePassedOn() throws {
        try expect(
            """
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
            process = start("--rm", "base", "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done")
            process.terminate()
            print(process.wait(20))
            """, "7\n")
    }

    @Test func theStatusTellsTheSignal() throws {
        try expect(
            """
            process = start("--rm", "--init", "base", "sh", "-c", "echo ready; exec sleep 100")
            process.terminate()
            print(process.wait())
            process = start("--rm", "--init", "base", "sh", "-c", "echo ready; kill -9 $$; sleep 100")
            print(process.wait())
            process = start("--rm", "base", "sh", "-c", "echo ready; sh -c 'kill -SEGV $$'; exit $?")
            print(process.wait())
            """, "143\n137\n139\n")
    }

    @Test func initReapsWhatIsLeftToIt() throws {
        let script = "(sleep 0.1 &) ; (sh -c 'sleep 0.1 &') ; sleep 0.5; ps -o pid,stat,comm | grep -c ' Z '; cat /proc/1/comm"
        let with = try socle.run(["run", "--rm", "--init", "base", "sh", "-c", script])
        let without = try socle.run(["run", "--rm", "base", "sleep", "0"])
        #expect(without.status == 0)
        let lines = with.text.split(separator: "\n")
        #expect(lines.first == "0" && lines.last != "sh", "\(with.summary)")
        // The program's status is init's.
        #expect(try socle.run(["run", "--rm", "--init", "base", "sh", "-c", "exit 9"]).status == 9)
        #expect(try socle.run(["run", "--rm", "--init", "base", "nothing-here"]).status == 127)
    }

    @Test func aTerminalIsOne() throws {
        try expect(
            #"""
            def talk(terminal, until):
                until(b"# ")
                os.write(terminal, b"tty; stty size; test -t 0 -a -t 1 -a -t 2 && echo all $((40 + 2))\n")
                until(b"/dev/pts/0"); until(b"33 101"); until(b"all 42")
                fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))
                time.sleep(0.3)
                os.write(terminal, b"stty size\n"); until(b"20 60")
                os.write(terminal, b"sleep 50\n"); time.sleep(0.3); os.write(terminal, b"\x03"); until(b"# ")
                os.write(terminal, b"cat\n"); time.sleep(0.2); os.write(terminal, b"typed\n"); until(b"typed\r\ntyped"); os.write(terminal, b"\x04")
                until(b"# ")
                os.write(terminal, b"exit 5\n")
            print(on_terminal(["--rm", "-it", "base", "sh"], talk))
            """#, "5\n")
    }

    @Test func theTerminalIsGivenBack() throws {
        try expect(
            #"""
            main, other = pty.openpty()
            before = termios.tcgetattr(other)
            for words in (["true"], ["nothing-here"], ["sh", "-c", "kill -9 $$"]):
                process = subprocess.Popen([socle, "run", "--rm", "--init", "-it", "base", *words], stdin=other, stdout=other, stderr=other, start_new_session=True)
                print(process.wait(), termios.tcgetattr(other) == before)
            """#, "0 True\n127 True\n137 True\n")
    }

    @Test func aTerminalWithoutOneOutside() throws {
        let result = try socle.run(["run", "--rm", "-t", "base", "sh", "-c", "test -t 1 && echo yes; echo error >&2"])
        #expect(result.text == "yes\r\nerror\r\n", "\(result.summary)")
        let refused = try socle.run(["run", "--rm", "-it", "base", "true"])
        #expect(refused.status == 1 || refused.status == 125)
        #expect(refused.errorText.contains("the input device is not a TTY"))
    }

    @Test func aClosedPipeDoesNotHang() throws {
        let result = try socle.shell("timeout 20 bash -c '\"$SOCLE\" run --rm base yes | head -n 1'; echo ${PIPESTATUS[0]}")
        #expect(result.text == "y\n0\n", "\(result.summary)")
        let late = try socle.shell("(echo early; sleep 0.3; echo late) | socle run --rm -i base sh -c 'read a; echo $a; read b; echo $b'")
        #expect(late.text == "early\nlate\n")
        #expect(try socle.output("ps", "-aq") == "")
        try socle.expectNothingLeft()
    }
}
