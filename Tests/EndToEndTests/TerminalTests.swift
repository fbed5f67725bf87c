import SocleTesting
import SystemPackage
import Testing

/// Containers on a terminal: a pseudo terminal whose user types, resizes, lets go, and whose commands die.
@Suite(.requires(.all(.root, .overlay, .tool("python3"), Fixture.busybox)), .serialized)
final class TerminalTests: ComparedContainers {
    init() throws { try super.init("socle-test-terminal") }

    /// What a user of `docker run -it`, `attach` and `exec -it` sees.
    private static let seen = """
        raw True
        status 7 restored True
        detached 0 True
        running
        attach 1 True
        /typed-before
        own keys 1 True
        config 1 True
        bad keys True True
        raw True
        exec 3 True
        exec detached 1 True
        went on x

        """

    @Test(.requires(Docker.isThere)) func dockerIsLikeThat() throws {
        let said = try socle.shell(
            "python3 -c \"$SCRIPT\" docker \(image)",
            environment: ["SCRIPT": Self.script, "DOCKER_HOST": Environment.value("DOCKER_HOST") ?? ""]
        )
        #expect(said.text == Self.seen, "\(said.text)\(said.errorText)")
    }

    @Test func soIsSocle() throws {
        let said = try socle.shell(
            "python3 -c \"$SCRIPT\" $SOCLE \(image) all",
            environment: ["SCRIPT": Self.script]
        )
        let ends = ["SIGTERM": 15, "SIGHUP": 1, "SIGINT": 2, "SIGQUIT": 3]
        let deaths = ["attach", "exec"].flatMap { verb in
            ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"].map {
                "\(verb) \($0) raw True status -\(ends[$0] ?? 0) restored True\n"
            }
        }
        let rest = "continued raw True\n1 True\nkilled 137 True\nmonitor killed True True\n"
        #expect(said.text == Self.seen + deaths.joined() + rest, "\(said.text)\(said.errorText)")
        try socle.shell("socle rm -f $(socle ps -aq) 2>/dev/null; true").succeeding()
        try socle.expectNothingLeft()
    }

    /// Arguments: engine, image, and anything for what Docker does otherwise: there, the terminal of a killed command stays raw.
    private static let script = #"""
        import fcntl, json, os, select, signal, struct, sys, termios, time
        engine, image = sys.argv[1], sys.argv[2]
        env = dict(os.environ, TERM="xterm")
        opts = ["--network", "none"]
        is_docker = len(sys.argv) < 4

        class Session:
            def __init__(self, *words, shell=False, **more):
                self.master, self.slave = os.openpty()
                self.size(33, 77)
                self.before = termios.tcgetattr(self.slave)
                self.text = b""
                pid = os.fork()
                if pid == 0:
                    os.setsid()
                    fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
                    for fd in (0, 1, 2): os.dup2(self.slave, fd)
                    os.close(self.master)
                    os.execvpe(words[0], list(words), dict(env, **more))
                self.pid = pid
            def size(self, rows, columns):
                fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            def read(self, seconds):
                if select.select([self.master], [], [], seconds)[0]:
                    try: self.text += os.read(self.master, 65536)
                    except OSError: pass
            def expect(self, what, seconds=15):
                what = what.encode(); end = time.time() + seconds
                while what not in self.text:
                    if time.time() > end: print("MISSED", what, "in", self.text); return False
                    self.read(0.1)
                self.text = self.text[self.text.index(what) + len(what):]
                return True
            def type(self, text): os.write(self.master, text if isinstance(text, bytes) else text.encode())
            def raw(self):
                flags = termios.tcgetattr(self.slave)[3]
                return not flags & (termios.ICANON | termios.ECHO | termios.ISIG)
            def wait(self, seconds=15):
                end = time.time() + seconds
                while time.time() < end:
                    pid, status = os.waitpid(self.pid, os.WNOHANG)
                    if pid: return os.waitstatus_to_exitcode(status)
                    self.read(0.05)
                os.kill(self.pid, 9); os.waitpid(self.pid, 0)
                return "hangs"
            def ready(self, seconds=15):
                end = time.time() + seconds
                while not self.raw() and time.time() < end: self.read(0.05)
                return self.raw()
            def sized(self, rows, columns):
                # Docker tells the size after the start, and on a busy machine loses one now and then.
                self.type('until [ "$(stty size)" = "%d %d" ]; do sleep 0.1; done; echo sized-$((%d+0))\n' % (rows, columns, rows))
                for again in range(10 if is_docker else 0):
                    end = time.time() + 3
                    while b"sized-%d" % rows not in self.text and time.time() < end: self.read(0.1)
                    if b"sized-%d" % rows in self.text: break
                    self.size(rows, columns + 1); self.size(rows, columns)
                return self.expect("sized-%d" % rows)
            def busy(self):
                self.type("echo busy-$((1+1)); sleep 1000\n"); self.expect("busy-2"); time.sleep(0.5)
            def restored(self): return termios.tcgetattr(self.slave) == self.before

        def quiet(*words):
            r, w = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.dup2(w, 1); os.dup2(os.open("/dev/null", os.O_RDWR), 2); os.execvpe(engine, [engine, *words], env)
            os.close(w); text = b""
            while True:
                more = os.read(r, 4096)
                if not more: break
                text += more
            os.close(r); os.waitpid(pid, 0)
            return text.decode().strip()

        def run(*more, **env): return Session(engine, "run", "-it", *opts, *more, image, "sh", **env)

        # The size, raw mode, keys for the program, the status, the terminal at the end.
        s = run("--rm"); s.expect("/ #"); print("raw", s.raw())
        s.sized(33, 77); s.expect("/ #"); s.size(44, 88); s.sized(44, 88); s.expect("/ #")
        s.busy(); s.type(b"\x03"); s.expect("/ #"); s.type("echo after-$((2+2))\n"); s.expect("after-4")
        s.busy(); s.type(b"\x1a"); s.expect("Stopped"); s.type("kill -9 %1; wait; tty\n"); s.expect("/dev/pts/0"); s.type("exit 7\n")
        print("status", s.wait(), "restored", s.restored())

        # Letting go, and coming back.
        s = run("--name", "pty-one"); s.expect("/ #"); s.type("X=kept\n"); s.expect("/ #"); s.type(b"\x10\x11"); print("detached", s.wait(), s.restored())
        print(quiet("inspect", "-f", "{{.State.Status}}", "pty-one"))
        s = Session(engine, "attach", "pty-one"); s.ready(); s.type("echo $X-$((3+3))\n"); s.expect("kept-6"); s.type(b"touch /typed-before\r\x10\x11")
        s.expect("read escape sequence"); print("attach", s.wait(), s.restored())
        end = time.time() + 15
        while not quiet("exec", "pty-one", "ls", "/typed-before") and time.time() < end: time.sleep(0.2)
        print(quiet("exec", "pty-one", "ls", "/typed-before"))
        s = Session(engine, "attach", "--detach-keys", "a,b", "pty-one"); s.ready(); s.type("echo aXb\n"); s.expect("aXb"); s.type("ab"); print("own keys", s.wait(), s.restored())
        os.makedirs("pty-config", exist_ok=True); json.dump({"detachKeys": "ctrl-x,x"}, open("pty-config/config.json", "w"))
        s = Session(engine, "attach", "pty-one", DOCKER_CONFIG=os.path.abspath("pty-config")); s.ready(); s.type(b"\x18x"); print("config", s.wait(), s.restored())
        s = Session(engine, "attach", "--detach-keys", "ctrl-", "pty-one"); print("bad keys", s.wait() != 0, s.restored())

        # exec.
        s = Session(engine, "exec", "-it", "pty-one", "sh"); s.expect("/ #"); print("raw", s.raw())
        s.sized(33, 77); s.size(20, 40); s.sized(20, 40); s.type("exit 3\n"); print("exec", s.wait(), s.restored())
        s = Session(engine, "exec", "-it", "pty-one", "sh", "-c", "sleep 2; yes | head -c 300000; echo x > /done"); s.ready(); s.type(b"\x10\x11"); s.expect("read escape sequence"); print("exec detached", s.wait(), s.restored())
        end = time.time() + 15
        while not quiet("exec", "pty-one", "cat", "/done") and time.time() < end: time.sleep(0.2)
        print("went on", quiet("exec", "pty-one", "cat", "/done"))

        # Death of the command: the container goes on.
        if not is_docker:
            for name, words in (("attach", ["attach", "pty-one"]), ("exec", ["exec", "-it", "pty-one", "sh"])):
                for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
                    s = Session(engine, *words); was = s.ready(); os.kill(s.pid, number)
                    print(name, number.name, "raw", was, "status", s.wait(), "restored", s.restored())
            # Stopped and continued: raw again.
            s = Session(engine, "attach", "pty-one"); s.ready(); os.kill(s.pid, signal.SIGSTOP); time.sleep(0.2)
            termios.tcsetattr(s.slave, termios.TCSANOW, s.before); os.kill(s.pid, signal.SIGCONT); print("continued raw", s.ready())
            s.type(b"\x10\x11"); print(s.wait(), s.restored())
            # The container dies, its monitor dies.
            s = Session(engine, "attach", "pty-one"); s.ready(); quiet("kill", "pty-one"); print("killed", s.wait(), s.restored())
            quiet("start", "pty-one"); s = Session(engine, "attach", "pty-one"); s.ready()
            first = quiet("inspect", "-f", "{{.State.Pid}}", "pty-one")
            parent = open("/proc/%s/stat" % first).read().rsplit(")", 1)[1].split()[1]
            os.kill(int(parent), 9); print("monitor killed", s.wait() != 0, s.restored())
        quiet("rm", "-f", "pty-one")
        """#
}
