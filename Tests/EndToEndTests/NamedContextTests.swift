import SocleTesting
import SystemPackage
import Testing

/// Contexts by name, from the web and from standard input.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, .tool("python3"))), .serialized)
struct NamedContextTests {
    private func prepared() throws -> Socle {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base")
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        return socle
    }

    private func refused(_ socle: borrowing Socle, _ words: [String], _ message: String, input: [UInt8] = []) throws {
        let result = try socle.run(["build"] + words, input: input)
        #expect(result.status != 0)
        #expect(result.errorText.contains(message), "\(result.errorText)")
    }

    @Test func foldersHaveTheirOwnIgnoreFiles() throws {
        let socle = try prepared()
        try socle.write([
            "main": ["Dockerfile": "FROM base\nCOPY --from=lib . /lib/\nCOPY . /main/\n", "kept": "x"],
            "other": [".dockerignore": "*.log\n", "a.log": "x", "b.txt": "b"],
        ])
        try socle.output("build", "-q", "-t", "app", "--build-context", "lib=other", "main")
        #expect(
            try socle.output("run", "--rm", "app", "ls", "/lib", "/main") == "/lib:\nb.txt\n\n/main:\nDockerfile\nkept"
        )
        try refused(socle, ["--build-context", "lib=nowhere", "main"], "failed to get build context lib: ")
        try refused(socle, ["--build-context", "lib=main/kept", "main"], "failed to get build context lib: ")
        try refused(socle, ["--build-context", "lib", "main"], "invalid context value: lib, expected key=value")
        try refused(socle, ["--build-context", "LIB=other", "main"], "invalid context name LIB: ")
        try refused(socle, ["--build-context", "lib=target:x", "main"], "bake")
        try refused(socle, ["--build-context", "lib=s3://x", "main"], "unsupported context source s3")
    }

    @Test func theyTakeThePlaceOfImagesAndStages() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": """
            FROM nowhere AS tools
            RUN false
            FROM example.com/some/image:1
            COPY --from=tools /tool /tool
            COPY --from=third /etc/passwd /passwd
            """,
            "built": ["tool": "made elsewhere"],
        ])
        try socle.output(
            "build",
            "-q",
            "-t",
            "app",
            "--build-context",
            "tools=built",
            "--build-context",
            "example.com/some/image:1=docker-image://base",
            "--build-context",
            "third=docker-image://base",
            "."
        )
        #expect(try socle.output("run", "--rm", "app", "cat", "/tool") == "made elsewhere")
        #expect(try socle.output("run", "--rm", "app", "head", "-n1", "/passwd").hasPrefix("root:"))
        let gone = ["--build-context", "tools=docker-image://gone", "--build-context"]
        try refused(
            socle,
            gone + ["example.com/some/image:1=docker-image://base", "."],
            "gone:latest: not in the store, and gone:latest: the registry is blocked"
        )
    }

    @Test func aFolderIsABase() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": "FROM rootfs\nCMD [\"/bin/cat\", \"/etc/motd\"]\n", "fs": ["etc": ["motd": "hello"]],
        ])
        try Command.output(
            of: "sh",
            [
                "-c",
                "mkdir fs/bin && cp \"$(command -v busybox)\" fs/bin/busybox && ln -s busybox fs/bin/cat && chown 5:6 fs/etc/motd",
            ],
            directory: socle.work
        )
        try socle.output("build", "-q", "-t", "app", "--build-context", "rootfs=fs", ".")
        #expect(try socle.output("run", "--rm", "app") == "hello")
        let config = try socle.output("inspect", "-f", "{{json .Config.Env}} {{len .RootFS.Layers}}", "app")
        #expect(config == #"["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] 1"#)
        try socle.write(["Dockerfile": "FROM empty\nCOPY fs/etc /etc\n"])
        try socle.output("build", "-q", "-t", "app", "--build-context", "empty=docker-image://scratch", ".")
        #expect(try socle.output("inspect", "-f", "{{len .RootFS.Layers}}", "app") == "1")
    }

    @Test func layouts() throws {
        let socle = try prepared()
        try socle.write(["Dockerfile": "FROM base\nRUN echo in a layout > /mark\nENV FROM=layout\n"])
        try socle.output("build", "-q", "-t", "app:1", ".")
        try Command.output(
            of: "sh",
            ["-c", "mkdir lay && tar -C lay -xf -"],
            input: socle.run(["save", "app:1"]).output,
            directory: socle.work
        )
        try socle.output("rmi", "app:1")
        try socle.write([
            "Dockerfile": "FROM thing\nCOPY --from=thing /mark /copy\nRUN cat /copy && echo $FROM > /from\n"
        ])
        let fresh = try Socle()
        let place = socle.work.appending("lay").string
        func build(_ value: String) throws -> Command {
            try fresh.run(["build", "-t", "app", "--build-context", "thing=oci-layout://\(value)", socle.work.string])
        }
        let built = try build(place)
        #expect(built.status == 0, "\(built.errorText)")
        #expect(try fresh.output("run", "--rm", "app", "cat", "/copy", "/from") == "in a layout\nlayout")
        #expect(
            try fresh.output("images", "-q").split(separator: "\n").count == 1,
            "nothing but the result is an image"
        )
        #expect(try build("\(place):nope").errorText.contains("no image with the tag \"nope\""))
        #expect(try build("\(place)@sha256:" + String(repeating: "0", count: 64)).errorText.contains("can't be read"))
        #expect(try build("/nowhere").errorText.contains("can't be opened"))
        // What isn't what its name says is found out.
        let third = try Socle()
        try Command.output(
            of: "sh",
            [
                "-c",
                "f=$(ls -S lay/blobs/sha256/* | head -n 1); printf x | dd of=$f bs=1 seek=2000 conv=notrunc status=none",
            ],
            directory: socle.work
        )
        let damaged = try third.run(
            ["build", "--build-context", "thing=oci-layout://\(place)", socle.work.string]
        )
        #expect(damaged.status == 1)
        #expect(damaged.errorText.contains("layer sha256:"), "\(damaged.errorText)")
        #expect(try third.output("images", "-q") == "")
        try third.expectNothingLeft()
    }

    @Test func contextsFromTheWeb() throws {
        let socle = try prepared()
        let script = #"""
            body = io.BytesIO()
            with tarfile.open(fileobj=body, mode="w") as tar:
                for name, text in [("Dockerfile", "FROM base\nCOPY a /a\n"), ("a", "from a tar"), (".dockerignore", "a\n"),
                                   ("sub/other", "FROM base\nCOPY a /b\n")]:
                    entry = tarfile.TarInfo(name); entry.size = len(text)
                    tar.addfile(entry, io.BytesIO(text.encode()))
            plain = body.getvalue()
            files["/c.tar"] = plain
            for name, tool in [("gz", ["gzip"]), ("bz2", ["bzip2"]), ("xz", ["xz"]), ("zst", ["zstd", "-q", "-c"])]:
                files["/c.tar." + name] = subprocess.run(tool, input=plain, stdout=subprocess.PIPE).stdout
            def ran(*command): return socle("run", "--rm", "app", *command).stdout
            for path in sorted(files):
                result = build(base + path)
                expect(result.returncode == 0 and ran("cat", "/a") == "from a tar", path, result.log)
            result = build("-f", "sub/other", base + "/c.tar.gz")
            expect(result.returncode == 0 and ran("cat", "/b") == "from a tar", result.log)
            result = build("-f", "-", base + "/c.tar", input="FROM base\nCOPY a /c\n")
            expect(result.returncode == 0 and ran("cat", "/c") == "from a tar", result.log)
            # A text is the Dockerfile, with nothing else.
            files["/Dockerfile"] = b"FROM base\nRUN echo alone > /d\n"
            result = build(base + "/Dockerfile")
            expect(result.returncode == 0 and ran("cat", "/d") == "alone\n", result.log)
            result = build("-f", "x", base + "/Dockerfile")
            expect(result.returncode == 1 and "ambiguous Dockerfile source" in result.log, result.log)
            # The Dockerfile may be elsewhere than the files.
            os.mkdir("here"); open("here/f", "w").write("here")
            files["/remote"] = b"FROM base\nCOPY f /f\n"
            result = build("-f", base + "/remote", "here")
            expect(result.returncode == 0 and ran("cat", "/f") == "here", result.log)
            # By name: an archive is its files, anything else is a file.
            files["/note.txt"] = b"a note"
            dockerfile("FROM base\nCOPY --from=web a /w\nCOPY --from=note note.txt /n\n")
            result = build("--build-context", "web=" + base + "/c.tar.xz", "--build-context", "note=" + base + "/note.txt", ".")
            expect(result.returncode == 0 and ran("cat", "/w", "/n") == "from a tara note", result.log)
            result = build(base + "/gone")
            expect(result.returncode == 1 and "404" in result.log, result.log)
            """#
        let result = try socle.python(RemoteFixture.web + "\n" + script)
        #expect(result.errorText == "")
        #expect(result.text == "")
        try socle.expectNothingLeft()
    }

    @Test func standardInput() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": "FROM base\nCOPY file /\n", "file": "content", "d": ["Other": "FROM base\nCOPY file /o\n"],
        ])
        for tool in ["cat", "gzip", "bzip2", "xz", "zstd -q"] {
            let tar = try Command.output(
                of: "sh",
                ["-c", "tar -cf - Dockerfile file d | \(tool)"],
                directory: socle.work
            )
            try socle.output("build", "-q", "-t", "app", "-", input: tar)
            #expect(try socle.output("run", "--rm", "app", "cat", "/file") == "content", "\(tool)")
            try socle.output("build", "-q", "-t", "app", "-f", "d/Other", "-", input: tar)
            #expect(try socle.output("run", "--rm", "app", "cat", "/o") == "content", "\(tool)")
        }
        let text = Array("FROM base\n".utf8)
        try refused(socle, ["-f", "-", "-"], "invalid argument: can't use stdin for both build context and dockerfile")
        try refused(
            socle,
            ["-f", "x", "-"],
            "ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles",
            input: text
        )
        try refused(socle, ["nofolder"], "unable to prepare context: path \"nofolder\" not found")
        try refused(socle, [""], "please specify build context")
        try refused(socle, ["-t", "Bad", "."], "repository name (library/Bad) must be lowercase")
        try socle.write(["odd.Dockerfile": "FROM base\nCOPY . /c/\n", "odd.Dockerfile.dockerignore": "file\n"])
        try socle.output("build", "-q", "-t", "app", "-f", "odd.Dockerfile", ".")
        #expect(try socle.output("run", "--rm", "app", "ls", "/c").contains("Dockerfile"))
        #expect(try !socle.output("run", "--rm", "app", "ls", "/c").split(separator: "\n").contains("file"))
    }
}
