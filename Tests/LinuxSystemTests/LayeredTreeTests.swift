import Glibc
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

@Suite(.requires(.root)) struct LayeredTreeTests {
    /// Three layers with everything that overlayfs knows: merged and opaque directories, whiteouts, types that change.
    private func layers(_ root: borrowing TemporaryRoot) throws -> [FilePath] {
        try FileTree.write(
            [
                "etc": ["passwd": "root:x:0:0\n", "old": "x", "conf": ["a": "1", "b": "2"]],
                "usr": ["bin": ["sh": "#!"], "lib": ["x": "lib"]], "bin": .link("usr/bin"),
                "var": ["run": .link("/run")],
                "run": ["pid": "7"], "data": ["deep": ["file": "low"]], "kind": ["was": "a directory"],
                "kind2": "a file",
                "loop": .link("loop2"), "loop2": .link("/loop"), "up": .link("../../../../etc"), "pipe": .fifo,
            ],
            to: root("l1")
        )
        try FileTree.write(
            [
                "etc": ["old": .whiteout, "conf": ["b": "22", "c": "3"], "hosts": "h"], "data": ["other": "mid"],
                "kind": "a file now", "kind2": ["in": "a directory now"], "run": .whiteout,
            ],
            to: root("l2")
        )
        try FileTree.write(
            ["etc": ["passwd": "user:x:1:1\n"], "data": ["deep": ["new": "top"]], "abs": .link("/var/../etc/conf")],
            to: root("l3")
        )
        try Directory.open(root("l2")).setAttribute("trusted.overlay.opaque", of: "data", to: [UInt8(ascii: "y")])
        return ["l3", "l2", "l1"].map { root($0) }
    }

    @Test func lookups() throws {
        let root = try TemporaryRoot()
        let tree = try LayeredTree(lowers: layers(root))
        #expect(try tree.readFile("/etc/passwd", limit: 100) == Array("user:x:1:1\n".utf8))
        #expect(try tree.readFile("bin/sh", limit: 100) == Array("#!".utf8))
        #expect(try tree.readFile("/etc/old", limit: 100) == nil)
        #expect(try tree.readFile("/abs/b", limit: 100) == Array("22".utf8))
        #expect(try tree.readFile("/data/deep/file", limit: 100) == nil)
        #expect(try tree.readFile("/up/conf/a", limit: 100) == Array("1".utf8))
        #expect(try tree.names("/etc/conf") == ["a", "b", "c"])
        #expect(try tree.names("/data") == ["deep", "other"])
        #expect(try tree.names("/etc") == ["conf", "hosts", "passwd"])
        #expect(try tree.isDirectory("kind2") && !tree.isDirectory("kind"))
        #expect(try tree.status("run") == nil)
        #expect(try tree.status("/")?.kind == .directory)
        #expect(errno { _ = try tree.status("/loop/x") } == .tooManySymbolicLinkLevels)
        #expect(errno { _ = try tree.status("/kind/was") } == .notDirectory)
        #expect(errno { _ = try tree.readFile("/etc/passwd", limit: 3) } == .fileTooLarge)
        #expect(errno { _ = try tree.readFile("/pipe", limit: 3) } == .invalidArgument)
        #expect(errno { _ = try tree.readFile("/etc", limit: 3) } == .isDirectory)
    }

    @Test(arguments: [
        ("", "/"), ("/", "/"), ("a/b", "/a/b"), ("/bin/new/x", "/usr/bin/new/x"), ("var/run/x", "/run/x"),
        ("../../etc/./conf/..", "/etc"), ("up/../x", "/x"), ("missing/../etc", "/etc"), ("/bin", "/usr/bin"),
    ])
    func resolving(_ path: String, _ expected: String) throws {
        let root = try TemporaryRoot()
        let tree = try LayeredTree(lowers: layers(root))
        #expect(try tree.resolve(PathBytes(path)).path.description == expected)
        #expect(try tree.resolve("/bin", followLast: false).status?.kind == .symbolicLink)
        #expect(try tree.resolve("/bin/", followLast: false).path == "/bin")
        #expect(try tree.readLink("/bin") == Array("usr/bin".utf8))
    }

    @Test(.requires(.overlay)) func asOverlayfsShowsIt() throws {
        let root = try TemporaryRoot()
        let lowers = try layers(root)
        let merged = root("merged")
        _ = try Directory.open(merged, create: true)
        let options = "lowerdir=" + lowers.map(\.string).joined(separator: ":")
        try #require(mount("overlay", merged.string, "overlay", UInt(MS_RDONLY), options) == 0)
        defer { umount2(merged.string, CInt(MNT_DETACH)) }
        #expect(try text(of: LayeredTree(lowers: lowers), "/") == text(of: LayeredTree(lowers: [merged]), "/"))
        #expect(try text(of: LayeredTree(lowers: lowers), "/").count > 20)
    }

    /// Every path with its kind, mode and bytes.
    private func text(of tree: LayeredTree, _ path: String) throws -> [String] {
        try tree.names(PathBytes(path)).flatMap { name in
            let below = path + name.description
            let status = try #require(try tree.resolve(PathBytes(below), followLast: false).status)
            var lines = ["\(below) \(status.kind) \(status.mode)"]
            if status.kind == .file { lines.append("\(try tree.readFile(PathBytes(below), limit: 100) ?? [])") }
            return lines + (status.kind == .directory ? try text(of: tree, below + "/") : [])
        }
    }

    @Test func noLayersAndAttributes() throws {
        #expect(errno { _ = try LayeredTree(lowers: []).status("/x") } == .noSuchFileOrDirectory)
        let root = try TemporaryRoot()
        let tree = try LayeredTree(lowers: layers(root))
        try Directory.open(root("l1")).setAttribute("user.mark", of: "usr/bin/sh", to: [1])
        #expect(try tree.attributes("/bin/sh") == ["user.mark": [1]])
        #expect(try tree.attributes("/data") == [:])
    }
}
