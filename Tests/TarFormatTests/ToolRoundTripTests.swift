import ByteStreams
import SocleTesting
import SystemPackage
import TarFormat
import Testing

/// What we write, read by other people's programs.
@Suite struct ToolRoundTripTests {
    private static var archive: [UInt8] {
        get throws {
            var long = TarEntry(
                TarPath(String(repeating: "long/", count: 60) + "name"),
                kind: .file,
                mode: 0o640,
                size: 5
            )
            long.modified = TarTime(seconds: 1_600_000_000, nanoseconds: 250_000_000)
            var odd = TarEntry("caf\u{e9}", kind: .file, mode: 0o755, size: 600)
            odd.uid = 3_000_000
            let link = TarEntry("link", kind: .symbolicLink(TarPath(String(repeating: "t", count: 150))), mode: 0o777)
            return try Archives.write([
                (TarEntry("dir", kind: .directory, mode: 0o1777), []), (long, Array("long\n".utf8)),
                (odd, [UInt8](repeating: 0x78, count: 600)), (link, []),
                (TarEntry("same", kind: .hardLink("caf\u{e9}"), mode: 0o755), []),
                (TarEntry("pipe", kind: .fifo, mode: 0o600), []),
            ])
        }
    }

    private func extract(_ program: String, _ arguments: [String]) throws {
        let root = try TemporaryRoot()
        let file = root("a.tar")
        try Command.output(of: "tee", [file.string], input: Self.archive)
        try Command.output(of: "mkdir", [root("out").string])
        try Command.output(
            of: program,
            arguments + [file.string],
            environment: ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"],
            directory: root("out")
        )
        let listed = try Command.output(of: "ls", ["-1", root("out").string], environment: ["LC_ALL": "C.UTF-8"])
        #expect(
            String(decoding: listed, as: UTF8.self).split(separator: "\n").map(String.init)
                == [
                    "caf\u{e9}", "dir", "link", "long", "pipe", "same",
                ].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        )
        #expect(try Command.output(of: "readlink", [root("out/link").string]).count == 151)
        let stat = try Command.run("stat", ["-c", "%a %s %Y %h", root("out/caf\u{e9}").string])
        #expect(stat.text == "755 600 0 2\n")
    }

    @Test(.requires(.tool("tar"))) func gnuTar() throws { try extract("tar", ["--no-same-owner", "-xpf"]) }
    @Test(.requires(.tool("bsdtar"))) func bsdtar() throws { try extract("bsdtar", ["--no-same-owner", "-xpf"]) }
    @Test(.requires(.tool("busybox"))) func busybox() throws { try extract("busybox", ["tar", "-o", "-xf"]) }

    @Test(.requires(.tool("python3"))) func python() throws {
        let script = """
            import sys, tarfile, io
            for m in tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read())):
                print(m.name[-9:], m.type.decode(), oct(m.mode), m.uid, m.size, m.mtime, m.linkname[:5])
            """
        let result = try Command.run("python3", ["-c", script], input: Self.archive, environment: nil)
        #expect(
            result.text == """
                dir 5 0o1777 0 0 0 
                long/name 0 0o640 0 5 1600000000.25 
                caf\u{e9} 0 0o755 3000000 600 0 
                link 2 0o777 0 0 0 ttttt
                same 1 0o755 0 0 0 caf\u{e9}
                pipe 6 0o600 0 0 0 

                """,
            "\(result.errorText)"
        )
    }

    /// What other programs write of a tree right now, with options the golden archives may not have.
    @Test(.requires(.tool("tar")), arguments: ["v7", "oldgnu", "gnu", "ustar", "posix"])
    func readsWhatTarWritesNow(_ format: String) throws {
        let root = try TemporaryRoot()
        try FileTree.write(["a": ["b": "text\n", "c": .link("b")], "d": .directory([:], mode: 0o700)], to: root("in"))
        let bytes = try Command.output(
            of: "tar",
            ["-C", root("in").string, "--sort=name", "-c", "--format", format, "."]
        )
        let entries = try Archives.entries(bytes)
        #expect(entries.map(\.entry.path) == [".", "./a", "./a/b", "./a/c", "./d"])
        #expect(entries[2].body == Array("text\n".utf8) && entries[3].entry.kind == .symbolicLink("b"))
    }
}
