import SocleTesting
import SystemPackage
import Testing

/// Builds: what comes out, what the cache knows, and what is said when it doesn't work.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct BuildTests {
    /// A store with a busybox image called `base`.
    private func prepared() throws -> Socle {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        let imported = try socle.run(["import", tar.string, "base"], environment: ["SOURCE_DATE_EPOCH": "1600000000"])
        #expect(imported.status == 0, "\(imported.errorText)")
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        return socle
    }

    @Test func everyInstructionThatWritesTheConfig() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": """
            FROM base
            ARG VERSION=1
            ENV A=b PATH=/bin:/usr/bin V=$VERSION
            LABEL one=1 "two words"="a b"
            WORKDIR /srv
            WORKDIR app
            USER user
            EXPOSE 80 443/tcp 53/udp
            VOLUME /data ["/more"]
            STOPSIGNAL SIGINT
            SHELL ["/bin/sh", "-ec"]
            HEALTHCHECK --interval=5s --retries=2 CMD true
            ONBUILD RUN echo later
            ENTRYPOINT ["env"]
            CMD ["-0"]
            """
        ])
        try socle.output("build", "-q", "-t", "app", "--build-arg", "VERSION=2", "--label", "three=3", ".")
        func config(_ field: String) throws -> String {
            try socle.output("inspect", "-f", "{{json .Config.\(field)}}", "app")
        }
        #expect(try config("Env") == #"["PATH=/bin:/usr/bin","A=b","V=2"]"#)
        #expect(try config("Labels") == #"{"one":"1","three":"3","two words":"a b"}"#)
        #expect(try config("WorkingDir") == #""/srv/app""#)
        #expect(try config("User") == #""user""#)
        #expect(try config("ExposedPorts") == #"{"443/tcp":{},"53/udp":{},"80/tcp":{}}"#)
        #expect(try config("StopSignal") == #""SIGINT""#)
        #expect(try config("Shell") == #"["/bin/sh","-ec"]"#)
        #expect(try config("OnBuild") == #"["RUN echo later"]"#)
        #expect(try config("Entrypoint") == #"["env"]"#)
        #expect(try config("Cmd") == #"["-0"]"#)
    }

    @Test func runChangesAreALayer() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": """
            FROM base
            RUN echo one > /one && mkdir -p /deep/er && ln -s /one /deep/link && rm /etc/group
            RUN ["/bin/sh", "-c", "test ! -e /etc/group && cat /one /deep/link > /two"]
            """
        ])
        try socle.output("build", "-q", "-t", "app", ".")
        #expect(
            try socle.output("run", "--rm", "app", "sh", "-c", "cat /two; ls /etc/group 2>&1; readlink /deep/link")
                == "one\none\nls: /etc/group: No such file or directory\n/one"
        )
        // Nothing that a container brings with it is in the layers.
        let listing = try Command.output(
            of: "sh",
            [
                "-c",
                "for l in $(tar xOf - manifest.json | tr ',\"' '\\n\\n' | grep blobs/sha256 | tail -n +2); do echo $l; done | wc -l",
            ],
            input: socle.run(["save", "app"]).output
        )
        #expect(String(decoding: listing, as: UTF8.self).trimmingLastNewline == "3")
    }

    @Test func theCacheLastsAndNotices() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": "FROM base\nCOPY a /a\nRUN cat /a /proc/sys/kernel/random/uuid > /b\n", "a": "one",
        ])
        let first = try socle.output("build", "-q", "-t", "app", ".")
        #expect(try socle.output("build", "-q", "-t", "app", ".") == first)
        #expect(try socle.run(["build", "--progress", "plain", "."]).errorText.contains("CACHED"))
        // Another time is the same content; other content isn't.
        try Command.output(of: "touch", ["-d", "2001-01-01", "a"], directory: socle.work)
        #expect(try socle.output("build", "-q", "-t", "app", ".") == first)
        try socle.write(["a": "two"])
        let second = try socle.output("build", "-q", "-t", "app", ".")
        #expect(second != first)
        #expect(try socle.output("build", "-q", "--no-cache", "-t", "app", ".") != second)
    }

    @Test func contextsFromStandardInput() throws {
        let socle = try prepared()
        try socle.output("build", "-q", "-t", "one", "-", input: Array("FROM base\nRUN echo x > /x\n".utf8))
        #expect(try socle.output("run", "--rm", "one", "cat", "/x") == "x")
        try socle.write(["Dockerfile": "FROM base\nCOPY file /\n", "file": "content"])
        let tar = try Command.output(of: "tar", ["-czf", "-", "Dockerfile", "file"], directory: socle.work)
        try socle.output("build", "-q", "-t", "two", "-", input: tar)
        #expect(try socle.output("run", "--rm", "two", "cat", "/file") == "content")
        try socle.output("build", "-q", "-t", "three", "-f", "-", ".", input: Array("FROM base\nCOPY file /f\n".utf8))
        #expect(try socle.output("run", "--rm", "three", "cat", "/f") == "content")
    }

    @Test func ignoredFilesAreNotThere() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": "FROM base\nCOPY . /ctx/\n", ".dockerignore": "*.log\nnode\n!node/keep\n",
            "a.log": "x", "b.txt": "x", "node": ["drop": "x", "keep": "x"],
        ])
        try socle.output("build", "-q", "-t", "app", ".")
        #expect(
            try socle.output("run", "--rm", "app", "sh", "-c", "cd /ctx && find . -type f | sort")
                == "./.dockerignore\n./Dockerfile\n./b.txt\n./node/keep"
        )
        try socle.write(["Dockerfile": "FROM base\nCOPY a.log /\n"])
        let refused = try socle.run(["build", "."])
        #expect(refused.status == 1)
        #expect(refused.errorText.contains("excluded by line 1 of .dockerignore"), "\(refused.errorText)")
    }

    @Test func archivesAreUnpacked() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile":
                "FROM base\nADD a.tar b.tar.gz c.tar.bz2 d.tar.xz e.tar.zst /un/\nCOPY a.tar /copied/\nADD plain.txt /un/\n",
            "plain.txt": "plain", "f": ["x": "content"],
        ])
        try Command.output(
            of: "sh",
            [
                "-c",
                """
                for n in a b c d e; do mv f/x f/$n 2>/dev/null || cp f/a f/$n; tar -C f -cf $n.tar $n; [ $n = a ] || cp f/$n f/a; done
                gzip b.tar; bzip2 c.tar; xz d.tar; zstd -q --rm e.tar
                """,
            ],
            directory: socle.work
        )
        try socle.output("build", "-q", "-t", "app", ".")
        #expect(
            try socle.output("run", "--rm", "app", "sh", "-c", "ls /un; ls /copied; cat /un/e")
                == "a\nb\nc\nd\ne\nplain.txt\na.tar\ncontent"
        )
    }

    @Test func aFailedRunSaysSo() throws {
        let socle = try prepared()
        try socle.write(["Dockerfile": "FROM base\nRUN echo working; exit 3\n"])
        let result = try socle.run(["build", "-t", "app", "."])
        #expect(result.status == 1)
        #expect(
            result.errorText.contains(
                "process \"/bin/sh -c echo working; exit 3\" did not complete successfully: exit code: 3"
            )
        )
        #expect(result.errorText.contains("working"))
        #expect(try socle.output("images", "-q", "app") == "")
    }

    @Test func mistakesAreExplained() throws {
        let socle = try prepared()
        let cases: [(String, String)] = [
            ("FROM base\nFNTRYPOINT foo\n", "unknown instruction: FNTRYPOINT (did you mean ENTRYPOINT?)"),
            ("FROM base\nCOPY nothere /\n", "\"nothere\" not found in the build context"),
            ("FROM base\nCOPY Dockerfil /\n", "did you mean \"Dockerfile\"?"), ("FROM nowhere\n", "nowhere"),
            ("RUN true\n", "no build stage in current context"), ("", "the Dockerfile cannot be empty"),
            ("FROM base\nCOPY a\n", "COPY requires at least two arguments"),
        ]
        for (dockerfile, message) in cases {
            try socle.write(["Dockerfile": .file(Array(dockerfile.utf8))])
            let result = try socle.run(["build", "."])
            #expect(result.status == 1, "\(dockerfile)")
            #expect(result.errorText.contains(message), "\(dockerfile): \(result.errorText)")
        }
        #expect(try socle.run(["build", "nofolder"]).errorText.contains("nofolder"))
    }

    @Test func theFlagsThatWriteIds() throws {
        let socle = try prepared()
        try socle.write(["Dockerfile": "FROM base\nLABEL a=b\n"])
        let id = try socle.output("build", "-q", "--iidfile", "id", "-t", "one", "-t", "two:tag", ".")
        #expect(try Command.run("cat", ["id"], directory: socle.work).text == id)
        #expect(try socle.output("images", "-q", "--no-trunc", "two:tag") == id)
        #expect(try socle.output("images", "-q", "--no-trunc", "one") == id)
    }

    @Test func theSameInputsGiveTheSameDigest() throws {
        var ids: Set<String> = []
        for umask in ["022", "077"] {
            let socle = try prepared()
            try socle.write([
                "Dockerfile": "FROM base\nCOPY --chmod=644 a b /dir/\nWORKDIR /made/here\nRUN echo hi > /hi\n"
            ])
            try Command.output(
                of: "sh",
                ["-c", "umask \(umask); echo a > a; echo b > b; touch -d @1650000000 a b"],
                directory: socle.work
            )
            let result = try socle.run(["build", "-q", "."], environment: ["SOURCE_DATE_EPOCH": "1600000000"])
            #expect(result.status == 0, "\(result.errorText)")
            ids.insert(result.text)
        }
        #expect(ids.count == 1)
    }
}
