import SocleTesting
import SystemPackage
import Testing

/// `build --debug-shell`: a terminal in what a failed step left.
@Suite(.requires(.all(.root, .overlay, .tool("python3"), Fixture.busybox)), .serialized)
final class DebugShellTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", tar, "base")
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        self.socle = socle
    }

    private static let prelude = #"""
        import os, pty, select, sys, time
        socle = os.environ["SOCLE"]
        def on_terminal(words, talk):
            child, terminal = pty.fork()
            if child == 0: os.execv(socle, [socle, *words])
            said = b""
            def until(word, seconds=20):
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
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        """# + "\n"

    @Test(arguments: ["plain", "tty"]) func aShellInTheFailedStep(_ progress: String) throws {
        try socle.write([
            "file": "of the context\n", "token": "s3cret",
            "Dockerfile": .file(
                Array(
                    """
                    FROM base
                    RUN echo someone:x:1234:1234::/:/bin/sh >> /etc/passwd; mkdir -m 0777 /w
                    ENV GREETING=hello
                    WORKDIR /w
                    USER someone
                    RUN --mount=target=/src --mount=type=secret,id=token,uid=1234 --mount=type=cache,target=/c,mode=0777 \
                      touch /c/cached; echo made > new; exit 7
                    """.utf8
                )
            ),
        ])
        let result = try socle.python(
            Self.prelude + #"""
                def talk(terminal, until):
                    until(b"a shell in the file system of the step that failed")
                    until(b"$ ")
                    os.write(terminal, b"cat new /src/file; ls /c; pwd; id -u; echo $GREETING $((40 + 2))\n")
                    for word in (b"made", b"of the context", b"cached", b"/w", b"1234", b"hello 42"): until(word)
                    os.write(terminal, b"cat /run/secrets/token; echo; tty; touch more; ls\n")
                    for word in (b"s3cret", b"/dev/pts/0", b"more", b"new"): until(word)
                    os.write(terminal, b"exit 3\n")
                    until(b"exit code: 7")
                print(on_terminal(["build", "--network", "none", "--debug-shell", "--secret", "id=token,src=token", "--progress", sys.argv[1], "."], talk))
                """#,
            [progress]
        )
        #expect(result.text == "1\n", "\(result.text)\(result.errorText)")
        try socle.expectNothingLeft()
        // Nothing of it stays.
        #expect(try socle.output("images", "-q", "-f", "dangling=true") == "")
        #expect(try socle.shell("ls $SOCLE_ROOT/tmp 2>/dev/null | wc -l").succeeding() == "0")
    }

    @Test func noShellNoTerminal() throws {
        try socle.write(["Dockerfile": "FROM base\nRUN exit 7\n", "Good": "FROM base\nRUN echo well\n"])
        let piped = try socle.run(["build", "--network", "none", "--debug-shell", "."])
        #expect(piped.status != 0 && piped.errorText.contains("--debug-shell needs a terminal"), "\(piped.errorText)")
        let result = try socle.python(
            Self.prelude + #"""
                def talk(terminal, until): until(b"exporting")
                print(on_terminal(["build", "--network", "none", "--debug-shell", "--progress", "plain", "-f", "Good", "."], talk))
                """#
        )
        #expect(result.text == "0\n", "\(result.text)")
    }
}
