import SocleTesting
import SystemPackage
import Testing

/// COPY and ADD with their flags: the layers are Docker's where Docker's classic builder knows the case.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, .tool("python3"))), .serialized)
struct CopyFlagTests {
    /// Prints the members of the layers of a saved image, those of the base (the first layer) left out.
    private static let listing = #"""
        import hashlib, io, json, sys, tarfile
        saved = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()))
        for name in json.load(saved.extractfile("manifest.json"))[0]["Layers"][1:]:
            print("layer")
            layer = tarfile.open(fileobj=io.BytesIO(saved.extractfile(name).read()))
            inodes = {}
            for member in sorted(layer.getmembers(), key=lambda m: m.name):
                path = member.name.strip("/")
                if not path: continue
                line = [path, oct(member.mode & 0o7777), f"{member.uid}:{member.gid}", member.type.decode()]
                if member.isfile():
                    content = layer.extractfile(member).read()
                    line += [member.size, hashlib.sha256(content).hexdigest()[:8], int(member.mtime)]
                if member.issym(): line += ["->", member.linkname]
                if member.islnk(): line += ["=", member.linkname.strip("/")]
                if member.ischr(): line += [member.devmajor, member.devminor]
                line += [f"{k}={v!r}" for k, v in sorted(member.pax_headers.items()) if "xattr" in k]
                print(*line)
        """#

    /// A store with a busybox image called `base`, and files of all kinds to copy.
    private func prepared() throws -> Socle {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base")
        try Command.output(
            of: "sh",
            [
                "-c",
                """
                set -e; rm -rf root; mkdir ctx; mv busybox.tar base.tar; cd ctx
                mkdir -p dir/sub/deep dir/private src/a src/b 'odd name'
                echo one > one; echo two > dir/two; echo three > dir/sub/deep/three; ln -s two dir/link; ln -s dir todir
                ln -s one tofile; ln dir/two dir/again; echo run > run.sh; chmod 755 run.sh; chmod 700 dir/private
                echo a > src/a/x.c; echo b > src/b/y.c; echo h > src/b/y.h; echo odd > 'odd name/f*le'; : > empty
                tar -cf un.tar -C dir sub two; gzip -k un.tar; printf 'no archive' > plain.tar
                find . -exec touch -h -d @1500000000 {} +
                """,
            ],
            directory: socle.work
        )
        return socle
    }

    private func listing(_ saved: [UInt8]) throws -> String {
        String(decoding: try Command.output(of: "python3", ["-c", Self.listing], input: saved), as: UTF8.self)
    }

    private func layers(_ socle: borrowing Socle, _ dockerfile: String, _ arguments: [String] = []) throws -> String {
        try socle.write(["ctx": ["Dockerfile": .file(Array(dockerfile.utf8))]])
        let built = try socle.run(["build", "-q", "-t", "app"] + arguments + ["ctx"])
        guard built.status == 0 else { return "failed: \(built.errorText)" }
        return try listing(socle.run(["save", "app"]).output)
    }

    // MARK: - Against Docker

    /// Where the classic builder and BuildKit agree: the former clears set-ID bits, names what a link leads to by the
    /// link's target, and gives new parents to root whatever `--chown` says.
    private static let dockerCases = [
        "COPY one /x/", "COPY one /etc", "COPY one /a/b/c", "COPY one run.sh /some/where/", "COPY dir /d",
        "COPY dir/ /etc", "COPY dir/sub dir/private /d/", "COPY todir /d", "COPY o* /o/", "COPY [eo]*e src/?/*.c /o/",
        "COPY dir/link /l", "COPY [\"odd name/f*le\", \"/odd/\"]", "COPY --chown=user one /u",
        "COPY --chown=user:extra dir /u", "COPY --chown=12 run.sh /", "WORKDIR /w/x\\nCOPY one .",
        "WORKDIR w\\nCOPY one ../y/", "ADD un.tar /un", "ADD un.tar.gz plain.tar /etc/un/", "COPY un.tar /un/",
        "ADD --chown=3:4 one un.tar /un/", "RUN ln -s /etc/passwd /p\\nCOPY --chown=user one /p",
        "RUN mkdir -p /real && ln -s /real /alias && chmod 1700 /real && chown 5:6 /real\\nCOPY one /alias/in/",
    ]

    @Test(.requires(Docker.isThere)) func theLayersAreDockers() throws {
        let socle = try prepared()
        let own = socle.root.path.lastComponent?.string.lowercased().filter {
            $0.isASCII && ($0.isLetter || $0.isNumber)
        }
        let base = "socle-copy-\(own ?? "x")"
        try Docker.output("import", "base.tar", base, directory: socle.work)
        defer { _ = try? Docker.run(["rmi", "-f", "\(base)-app", base]) }
        for lines in Self.dockerCases {
            let text = "\(lines)\n".replacing("\\n", with: "\n")
            let ours = try layers(socle, "FROM base\n" + text, ["--network", "none"])
            try socle.write(["ctx": ["Dockerfile": .file(Array("FROM \(base)\n\(text)".utf8))]])
            let arguments = ["build", "-q", "--network", "none", "-t", "\(base)-app", "ctx"]
            let built = try Docker.run(arguments, directory: socle.work)
            #expect(built.status == 0, "\(lines): \(built.errorText)")
            let theirs = try listing(Docker.run(["save", "\(base)-app"]).output)
            #expect(ours == theirs, "\(lines)")
        }
    }

    // MARK: - What stands below

    @Test func nothingIsUnpackedForACopy() throws {
        let socle = try prepared()
        let found = try layers(
            socle,
            """
            FROM base
            COPY --chown=user one /usr/one
            COPY --link --chown=7:8 dir /usr/d/
            WORKDIR /usr/d/new
            COPY dir/two /etc/passwd
            ADD un.tar.gz /tmp/
            COPY one empty /tmp/sub/
            """
        )
        #expect(found.contains("usr/one 0o644 1000:1000 0 4"), "\(found)")
        #expect(found.contains("usr/d/sub/deep/three 0o644 7:8"), "\(found)")
        #expect(found.contains("tmp 0o1777 0:0 5"), "an existing directory keeps its mode: \(found)")
        func store(_ script: String) throws -> String {
            String(decoding: try Command.output(of: "sh", ["-c", script], directory: socle.store), as: UTF8.self)
        }
        #expect(try store("find trees -mindepth 1 2>/dev/null || true") == "", "nothing needs a tree")
        let indexes = try store("sha256sum indexes/*")
        #expect(indexes.split(separator: "\n").count == 6, "of all layers but the last: \(indexes)")
        // A damaged index is made again, and the indexes may go at any time.
        _ = try store("for f in indexes/*; do echo x >> $f; done")
        try socle.output("build", "-q", "ctx")
        #expect(try store("sha256sum indexes/*") == indexes)
        _ = try store("rm -r indexes")
        try socle.output("build", "-q", "--no-cache", "ctx")
        #expect(try store("sha256sum indexes/*") == indexes)
        #expect(try socle.output("run", "--rm", "app", "cat", "/usr/one", "/tmp/sub/one") == "one\none")
    }

    @Test func usersAreFoundBehindLinks() throws {
        let socle = try prepared()
        _ = try layers(
            socle,
            """
            FROM base
            RUN mkdir -p /usr/lib/who && mv /etc/passwd /usr/lib/who/passwd && ln -s ../usr/lib/who/passwd /etc/passwd
            """
        )
        try socle.output("tag", "app", "moved")
        // Without trees the file is read out of the layer that has it.
        try Command.output(of: "rm", ["-r", "trees"], directory: socle.store)
        let found = try layers(socle, "FROM moved\nCOPY --chown=user:extra one /\n")
        #expect(found.contains("one 0o644 1000:2000"), "\(found)")
        let refused = try layers(socle, "FROM base\nCOPY --chown=nobody one /\n")
        #expect(refused.contains("unable to find user nobody: no matching entries in passwd file"), "\(refused)")
        let numbers = try layers(socle, "FROM base\nCOPY --chown=99999999999 one /\n")
        #expect(numbers.contains("user \"99999999999\": number out of range"), "\(numbers)")
        let mode = try layers(socle, "FROM base\nCOPY --chmod=64a one /\n")
        #expect(
            mode.contains("invalid chmod parameter: '64a'. it should be octal string and between 0 and 07777"),
            "\(mode)"
        )
    }

    @Test func aLinkedLayerOutlivesItsBase() throws {
        let socle = try prepared()
        func build(_ run: String) throws -> Command {
            let dockerfile = "FROM base\nRUN \(run)\nCOPY --link one /e/f/\n"
            try socle.write(["ctx": ["Dockerfile": .file(Array(dockerfile.utf8))]])
            return try socle.run(["build", "--progress", "plain", "-t", "app", "ctx"])
        }
        let first = try build("mkdir -m 700 /d && ln -s /d /e")
        #expect(first.status == 0, "\(first.errorText)")
        // The link in the base isn't followed: the layer has a directory in its place.
        let look = "ls -d /e/f/one; test -L /e || echo no link"
        #expect(try socle.output("run", "--rm", "app", "sh", "-c", look) == "/e/f/one\nno link")
        let second = try build("echo other > /other")
        let step =
            second.errorText.split(separator: "\n").first { $0.contains("] COPY") }?.prefix { $0 != " " } ?? "none"
        #expect(second.errorText.contains("\n\(step) CACHED"), "\(second.errorText)")
        #expect(try socle.output("run", "--rm", "app", "cat", "/e/f/one", "/other") == "one\nother")
        let named = try layers(socle, "FROM base\nCOPY --link --chown=user one /\n")
        #expect(named.contains("--link can't look up names"), "\(named)")
    }

    // MARK: - What stages have

    @Test func stagesKeepWhatFilesAre() throws {
        let socle = try prepared()
        try Command.output(
            of: "python3",
            [
                "-c",
                "import os; os.setxattr('ctx/one', 'user.note', b'kept'); os.setxattr('ctx/dir', 'user.dir', b'too')",
            ],
            directory: socle.work
        )
        let found = try layers(
            socle,
            """
            FROM base AS made
            COPY one /m/f
            RUN cd /m && mkfifo -m 640 p && mknod -m 600 c c 1 7 && ln f g && chown 8:9 f && mkdir -m 2770 d && ln -s f l
            FROM base
            COPY --from=MADE /m /n
            COPY --from=0 --chmod=u=rw,go= /m/l /solo
            COPY . /ctx/
            """
        )
        for line in [
            "n/c 0o600 0:0 3 1 7", "n/d 0o2770 0:0 5", "n/g 0o644 8:9 1 = n/f", "n/l 0o777 0:0 2 -> f",
            "n/p 0o640 0:0 6",
            "solo 0o600 8:9 0 4",
        ] { #expect(found.contains("\n\(line)"), "\(line): \(found)") }
        #expect(found.contains("SCHILY.xattr.user.note='kept'"), "\(found)")
        #expect(found.contains("SCHILY.xattr.user.dir='too'"), "\(found)")
    }

    @Test func emptyDirectoriesWithAMode() throws {
        let socle = try prepared()
        let dockerfile = "FROM scratch\nCOPY --from=scratch --chmod=1777 / /tmp/\nCOPY --from=base /bin/busybox /bin/\n"
        try socle.write(["ctx": ["Dockerfile": .file(Array(dockerfile.utf8))]])
        try socle.output("build", "-q", "-t", "tiny", "ctx")
        let listed = try socle.output("run", "--rm", "tiny", "/bin/busybox", "ls", "-ld", "/tmp")
        #expect(listed.hasPrefix("drwxrwxrwt"), "\(listed)")
    }

    // MARK: - What the cache notices

    @Test func whatMakesNoTimeStampIsNoticed() throws {
        let socle = try prepared()
        let dockerfile = "FROM scratch\nCOPY one dir /d/\n"
        try socle.write(["ctx": ["Dockerfile": .file(Array(dockerfile.utf8))]])
        func build() throws -> String { try socle.output("build", "-q", "ctx") }
        let first = try build()
        // The same size and the same time: only the change time tells.
        try Command.output(
            of: "sh",
            ["-c", "echo ONE > one; touch -d @1500000000 one"],
            directory: socle.work.appending("ctx")
        )
        let second = try build()
        #expect(second != first)
        try Command.output(
            of: "python3",
            ["-c", "import os; os.setxattr('one', 'user.note', b'x')"],
            directory: socle.work.appending("ctx")
        )
        let third = try build()
        #expect(third != second)
        try Command.output(
            of: "sh",
            ["-c", "echo one > new; touch -d @1500000000 new; mv new one; chmod 644 one"],
            directory: socle.work.appending("ctx")
        )
        #expect(try build() == first, "the same content is the same layer, whatever file has it")
    }
}
