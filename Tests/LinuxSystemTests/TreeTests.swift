import Glibc
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

@Suite struct TreeTests {
    @Test func removesATree() throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            ["t": ["a": ["b": ["c": "x"], "d": [:]], "l": .link("../keep"), "p": .fifo], "keep": ["x": "y"]],
            to: root.path
        )
        let directory = try root.directory()
        try directory.removeTree("t")
        try directory.removeTree("t")
        #expect(try directory.names() == [Array("keep".utf8)])
        #expect(try FileTree.read(root("keep")) == ["x": "y"])
        try directory.removeTree("keep/x")
        #expect(try FileTree.read(root("keep")) == [:])
    }

    @Test func removesALinkNotItsTarget() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["keep": ["x": "y"], "l": .link("keep")], to: root.path)
        try root.directory().removeTree("l")
        #expect(try FileTree.read(root.path) == .directory(["keep": ["x": "y"]], mode: 0o700))
    }

    @Test func depthCostsNothing() throws {
        let root = try TemporaryRoot()
        var descent = try Descent(try root.directory())
        for _ in 0..<1_500 {
            try descent.current.makeDirectory("deep")
            _ = try descent.current.open("file", flags: O_CREAT | O_WRONLY, mode: 0o600)
            try descent.enter("deep")
        }
        #expect(descent.depth == 1_500)
        #expect(try descent.leave() == "deep")
        try root.directory().removeTree("deep")
        #expect(try root.directory().names() == [Array("file".utf8)])
    }

    @Test func aMovedDirectoryEndsTheWalk() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["a": ["b": [:]], "other": [:]], to: root.path)
        var descent = try Descent(try root.directory())
        try descent.enter("a")
        try descent.enter("b")
        #expect(descent.path == "a/b")
        try root.directory().rename("a/b", to: "other/b")
        #expect(errno { _ = try descent.leave() } == .improperLink)
    }

    @Test(.requires(.root)) func noOtherMountIsEntered() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["t": ["m": [:]], "keep": ["x": "y"]], to: root.path)
        try #require(mount(root("keep").string, root("t/m").string, nil, UInt(MS_BIND), nil) == 0)
        #expect(errno { try root.directory().removeTree("t") } == .improperLink)
        umount2(root("t/m").string, CInt(MNT_DETACH))
        #expect(try FileTree.read(root("keep")) == ["x": "y"])
    }

    @Test func closedDirectoriesOfOnesOwn() throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            ["t": ["closed": .directory(["x": .directory(["y": "z"], mode: 0)], mode: 0o100)]],
            to: root.path
        )
        try root.directory().removeTree("t")
        #expect(try root.directory().names() == [])
    }
}

@Suite struct TemporaryFileTests {
    @Test func appearsWhole() throws {
        let root = try TemporaryRoot()
        let directory = try root.directory()
        let file = try directory.temporaryFile()
        try DescriptorIO.write(file.descriptor.raw, Array("one".utf8).span)
        #expect(try directory.names() == [])
        try file.link(as: "name", replace: false)
        let second = try directory.temporaryFile()
        try DescriptorIO.write(second.descriptor.raw, Array("two".utf8).span)
        #expect(throws: SystemError.self) { try directory.temporaryFile().link(as: "name", replace: false) }
        try second.link(as: "name", replace: true)
        #expect(try FileTree.read(root.path) == .directory(["name": .text("two", mode: 0o600)], mode: 0o700))
    }

    @Test func isGoneWithoutAName() throws {
        let root = try TemporaryRoot()
        do { _ = try root.directory().temporaryFile() }
        #expect(try root.directory().names() == [])
    }
}

@Suite struct FileLockTests {
    @Test func excludesAndShares() throws {
        let root = try TemporaryRoot()
        let directory = try root.directory()
        do {
            let held = try directory.lock("lock", .exclusive)
            let other = try directory.attemptLock("lock", .shared)
            let isFree = other != nil
            #expect(!isFree)
            _ = held.descriptor.raw
        }
        let shared = try directory.lock("lock", .shared)
        let second = try directory.attemptLock("lock", .shared)
        let isShared = second != nil
        #expect(isShared)
        _ = shared.descriptor.raw
    }
}

@Suite struct FileCopyTests {
    @Test func keepsHoles() throws {
        let root = try TemporaryRoot()
        let directory = try root.directory()
        let source = try directory.open("source", flags: O_CREAT | O_RDWR, mode: 0o600)
        ftruncate(source.raw, 64 << 20)
        for place in [0, 8 << 20, 40 << 20] {
            lseek(source.raw, place, SEEK_SET)
            try DescriptorIO.write(source.raw, [UInt8](repeating: UInt8(place >> 20) + 1, count: 100_000).span)
        }
        let target = try directory.open("target", flags: O_CREAT | O_RDWR, mode: 0o600)
        #expect(try FileCopy.copy(from: source.raw, to: target.raw) == 64 << 20)
        let status = try FileStatus(of: target.raw)
        #expect(status.size == 64 << 20)
        #expect(status.blocks512 < 4_096)
        #expect(try Command.run("cmp", [root("source").string, root("target").string]).status == 0)
    }

    @Test func stopsAtTheLimitAndReadsWhatHasNoSize() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["source": "0123456789"], to: root.path)
        let directory = try root.directory()
        let target = try directory.open("target", flags: O_CREAT | O_RDWR, mode: 0o600)
        let source = try directory.open("source", flags: O_RDONLY)
        #expect(try FileCopy.copy(from: source.raw, to: target.raw, limit: 4) == 4)
        #expect(try directory.status("target")?.size == 4)
    }
}

@Suite struct PathBytesTests {
    @Test func takesPathsApart() {
        let cases: [(PathBytes, String, String)] = [
            ("a/b", "a/", "b"), ("a/b/", "a/", "b"), ("/a", "/", "a"), ("a/", ".", "a"), ("a//b", "a//", "b"),
            ("/", "/", ""),
        ]
        for (path, parent, name) in cases {
            let parts = path.splitAtLast
            #expect(parts?.parent.description == parent && parts?.name.description == name, "\(path)")
        }
        #expect(PathBytes("a").splitAtLast == nil)
        #expect(PathBytes("/a/./b//c/").components == ["a", "b", "c"])
        #expect(PathBytes([0xff]).description == "\u{fffd}")
    }
}
