import SocleTesting
import SystemPackage
import Testing

/// How a build shows what it does, and what is kept of it.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct ProgressModeTests {
    /// A store with a busybox image called `base`.
    private func prepared(_ dockerfile: String) throws -> Socle {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base")
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        try socle.write(["Dockerfile": .text(dockerfile, mode: 0o644)])
        return socle
    }

    @Test func plainIsBuildKits() throws {
        let socle = try prepared("FROM base\nRUN echo hello; echo there >&2\n")
        let text = try socle.run(["build", "--progress=plain", "-t", "x", "."]).errorText
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines[0].hasPrefix("#0 building with socle 0.1.0 in /"))
        #expect(lines[1].isEmpty)
        #expect(lines[2] == "#1 [internal] load build definition from Dockerfile")
        #expect(lines[3] == "#1 transferring dockerfile: 41B done")
        #expect(text.contains("] load metadata for docker.io/library/base:latest\n"))
        #expect(text.contains("[internal] load .dockerignore\n"))
        #expect(text.contains(" [1/2] FROM docker.io/library/base:latest\n"))
        let step = try #require(lines.first { $0.hasSuffix(" [2/2] RUN echo hello; echo there >&2") })
        let number = try #require(step.split(separator: " ").first)
        let words = lines.map { $0.split(separator: " ") }
        for said in ["hello", "there"] {
            #expect(words.contains { $0.count == 3 && $0[0] == number && $0[2] == said && Double($0[1]) != nil })
        }
        #expect(lines.contains { $0.hasPrefix("\(number) DONE ") })
        let again = try socle.run(["build", "--progress=plain", "."]).errorText
        #expect(again.contains(" CACHED\n"))
    }

    @Test func nothingIsClipped() throws {
        let socle = try prepared("FROM base\nRUN seq 1 400000\n")
        // Somebody reads slowly, so that the program has to wait.
        let result = try socle.shell(
            "socle build --progress=plain . 2>&1 | { sleep 1; grep -c '^#[0-9]* [0-9.]* [0-9]*$'; }"
        )
        #expect(result.text.trimmingLastNewline == "400000", "\(result.summary)")
        let count = try socle.shell("socle builder history logs | grep -c '^#[0-9]* [0-9.]* [0-9]*$'")
        #expect(count.text.trimmingLastNewline == "400000", "\(count.summary)")
        let order = try socle.shell(
            "socle builder history logs | sed -n 's/^#[0-9]* [0-9.]* \\([0-9]*\\)$/\\1/p' | cmp - <(seq 1 400000) && echo same"
        )
        #expect(order.text == "same\n", "\(order.summary)")
    }

    @Test func rawJSONIsSolveStatus() throws {
        let socle = try prepared("FROM base AS Base\nRUN echo hello\n")
        let result = try socle.run(["build", "--progress=rawjson", "."])
        #expect(result.status == 0)
        let script = """
            import base64, json, sys
            names, ends, logs, warnings = {}, {}, b"", []
            for line in sys.stdin:
                status = json.loads(line)
                assert set(status) <= {"vertexes", "statuses", "logs", "warnings"}, status
                for v in status.get("vertexes", []):
                    names[v["digest"]] = v["name"]
                    if "completed" in v: ends[v["name"]] = v.get("error", "")
                for l in status.get("logs", []):
                    assert names[l["vertex"]] == "[2/2] RUN echo hello" and l["stream"] == 1
                    logs += base64.b64decode(l["data"])
                warnings += [base64.b64decode(w["short"]).decode() for w in status.get("warnings", [])]
            assert set(names.values()) == set(ends), (names, ends)
            assert logs == b"hello\\n", logs
            assert warnings == ["StageNameCasing: Stage name 'Base' should be lowercase (line 1)"], warnings
            print("fine")
            """
        let read = try Command.run(
            "python3",
            ["-c", script],
            input: Array(result.errorText.utf8),
            directory: socle.work
        )
        #expect(read.text == "fine\n", "\(read.summary)\n\(result.errorText)")
    }

    @Test func quietAndNone() throws {
        let socle = try prepared("FROM base AS Base\nRUN echo hello\n")
        let quiet = try socle.run(["build", "--progress=quiet", "."])
        #expect(quiet.text.hasPrefix("sha256:") && quiet.errorText.isEmpty)
        let none = try socle.run(["build", "."], environment: ["BUILDKIT_PROGRESS": "none"])
        #expect(none.text.isEmpty && none.errorText.isEmpty)
        let both = try socle.run(["build", "-q", "--progress=plain", "."])
        #expect(both.status == 1)
        #expect(both.errorText == "ERROR: progress=plain and quiet cannot be used together\n")
        let unknown = try socle.run(["build", "."], environment: ["BUILDKIT_PROGRESS": "fancy"])
        #expect(unknown.errorText.contains("unknown progress type \"fancy\""))
        let flag = try socle.run(["build", "--progress=plain", "."], environment: ["BUILDKIT_PROGRESS": "none"])
        #expect(flag.errorText.contains("#1 [internal]"), "the flag wins")
    }

    @Test func aTerminalIsDrawnOn() throws {
        let socle = try prepared("FROM base\nRUN for i in 1 2 3 4 5 6 7 8 9; do echo line $i; sleep 0.1; done\n")
        let script = """
            import fcntl, os, pty, struct, sys, termios
            pid, fd = pty.fork()
            if pid == 0:
                os.execv(os.environ["SOCLE"], ["socle", "build", "-t", "x", "."])
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 70, 0, 0))
            data = b""
            while True:
                try: chunk = os.read(fd, 65536)
                except OSError: break
                if not chunk: break
                data += chunk
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            text = data.decode()
            frames = text.split("\\x1b[?25l")[1:]
            assert status == 0, text
            assert len(frames) > 1, len(frames)
            assert any("[+] Building " in f and " => => # line " in f for f in frames), text
            assert all(f.endswith("\\x1b[?25h") for f in frames), repr(text)
            last = frames[-1]
            assert "FINISHED" in last and "line 9" not in last, last
            assert not any(f.count(" => => # ") > 6 for f in frames)
            print("fine")
            """
        let result = try socle.python(script)
        #expect(result.text == "fine\n", "\(result.summary)")
    }

    @Test func aFailedBuildCanBeReadAgain() throws {
        let socle = try prepared("FROM base\nRUN seq 1 100; echo the reason >&2; exit 3\n")
        let failed = try socle.run(["build", "-t", "wanted", "--progress=plain", "."])
        #expect(failed.status == 1)
        #expect(failed.errorText.contains("------\n > [2/2] RUN seq 1 100; echo the reason >&2; exit 3:\n"))
        let line = try #require(failed.errorText.split(separator: "\n").first { $0.hasPrefix("the whole log: socle ") })
        let name = String(try #require(line.split(separator: " ").last))
        let log = try socle.output("builder", "history", "logs", name)
        #expect(log.contains(" 1\n") && log.contains(" the reason\n") && log.contains(" ERROR: process "))
        let row = try socle.output(
            "builder",
            "history",
            "ls",
            "--format",
            "{{.ID}} {{.Name}} {{.Status}} {{.Steps}} {{.Error}}"
        )
        #expect(row.hasPrefix("\(name) wanted:latest Error "))
        #expect(row.contains("did not complete successfully: exit code: 3"))
        #expect(try socle.output("builder", "history", "ls", "-q") == name)
        let table = try socle.output("builder", "history", "ls")
        #expect(table.hasPrefix("BUILD ID        NAME"))
        let missing = try socle.run(["builder", "history", "logs", "zzz"])
        #expect(missing.status == 1 && missing.errorText.hasPrefix("Error: No such build: zzz\nhint: "))
    }
}
