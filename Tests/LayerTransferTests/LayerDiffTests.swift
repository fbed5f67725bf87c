import ByteStreams
import LayerTransfer
import LinuxSystem
import SocleTesting
import SystemPackage
import TarFormat
import Testing

@Suite struct LayerDiffTests {
    @Test func writesNamesInOrder() throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            ["b": "1", "a": ["z": "2", "x": .link("z")], "a-b": .hardLink("a/z"), "a.c": [:], "pipe": .fifo],
            to: root("up")
        )
        let bytes = try Layers.diff(root("up"))
        #expect(try Layers.names(bytes) == ["a/", "a/x -> z", "a/z", "a-b = a/z", "a.c/", "b", "pipe"])
        #expect(try Layers.diff(root("up")) == bytes)
    }

    @Test func leavesOutWhatIsExcludedAndSockets() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["etc": ["hosts": "", "kept": ""], "proc": ["x": "y"], "hosts": ""], to: root("up"))
        try Directory.open(root("up")).makeNode("socket", mode: 0o140755)
        let bytes = try Layers.diff(root("up"), excluding: [Array("etc/hosts".utf8), Array("proc".utf8)])
        #expect(try Layers.names(bytes) == ["etc/", "etc/kept", "hosts"])
    }

    @Test func clampsTimes() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["new": "", "old": ""], to: root("up"))
        try Directory.open(root("up")).setTimes("old", accessed: nil, modified: FileTime(seconds: 50, nanoseconds: 5))
        let reader = TarReader(MemorySource(try Layers.diff(root("up"), clamp: 1000)))
        #expect(try reader.next()?.modified == TarTime(seconds: 1000))
        #expect(try reader.next()?.modified == TarTime(seconds: 50, nanoseconds: 5))
    }

    @Test func clampsTheTreeAsItsLayer() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["folder": ["link": .link("new"), "new": ""], "old": ""], to: root("up"))
        let up = try Directory.open(root("up"))
        try up.setTimes("old", accessed: nil, modified: FileTime(seconds: 50, nanoseconds: 5))
        let layer = try Layers.diff(root("up"), clamp: 1000)
        #expect(try Layers.diff(root("up")) != layer)
        try LayerDiff.clampTimes(of: up, to: 1000)
        #expect(try Layers.diff(root("up")) == layer)
    }

    /// What was collected of small writes comes before a large one, which isn't collected.
    @Test(arguments: [100_000, 131_071, 131_072, 200_000, 262_144, 400_000])
    func keepsTheOrderOfSmallAndLargeFiles(size: Int) throws {
        let root = try TemporaryRoot()
        let large = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try FileTree.write(["a": "small", "b": .file(large), "c": "small", "d": .file(large)], to: root("up"))
        try Layers.apply(Layers.diff(root("up")), to: root("unpacked"))
        let unpacked = try root.directory().directory("unpacked")
        #expect(try unpacked.names().count == 4)
        for name: PathBytes in ["b", "d"] {
            let file = try unpacked.openForReading(name)
            #expect(try DescriptorIO.readAll(file.raw, limit: 1 << 20) == large)
        }
    }

    @Test func refusesNamesOfWhiteouts() throws {
        let root = try TemporaryRoot()
        try FileTree.write([".wh.passwd": ""], to: root("up"))
        #expect(throws: LayerError.self) { try Layers.diff(root("up")) }
    }

    @Test func goesDeep() throws {
        let root = try TemporaryRoot()
        try Layers.apply([Layers.file(TarPath(String(repeating: "d/", count: 1200) + "f"))], to: root("up"))
        #expect(try Layers.names(Layers.diff(root("up"))).count == 1201)
    }

    @Test(.requires(.root)) func writesOverlaysMarks() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["d": ["gone": .whiteout, "x": ""], "gone": .whiteout, "new": [:]], to: root("up"))
        let up = try Directory.open(root("up"))
        for name: PathBytes in ["d", "new"] { try up.setAttribute("trusted.overlay.opaque", of: name, to: [0x79]) }
        try up.setAttribute("trusted.overlay.origin", of: "d/x", to: [1])
        try up.setAttribute("user.kept", of: "d/x", to: [2])
        let all = ["d/", "d/.wh..wh..opq", "d/.wh.gone", "d/x", ".wh.gone", "new/", "new/.wh..wh..opq"]
        #expect(try Layers.names(Layers.diff(root("up"))) == all)
        let meant = try Layers.diff(root("up")) { (path) throws(SystemError) in path == "d" }
        #expect(try Layers.names(meant) == all.dropLast())
        try up.setAttribute("trusted.overlay.redirect", of: "d", to: [0x78])
        #expect(throws: LayerError.self) { try Layers.diff(root("up")) }
    }

    /// What comes out of a directory goes into another one as it was.
    @Test(.requires(.root)) func appliesToTheSameTree() throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            [
                "bin": .directory(["sh": .text("#!", mode: 0o4755), "su": .hardLink("bin/sh")], mode: 0o2775),
                "caf\u{e9}": .link("bin/su"), "gone": .whiteout, "null": .characterDevice(major: 1, minor: 3),
            ],
            to: root("up")
        )
        let up = try Directory.open(root("up"))
        try up.chown("bin/su", uid: 12, gid: 3_000_000)
        try up.chmod("bin/su", 0o4755)
        try up.setAttribute("user.note", of: "bin", to: [1, 0, 2])
        try up.setTimes("bin", accessed: nil, modified: FileTime(seconds: 1_600_000_000, nanoseconds: 123))
        try up.setTimes("gone", accessed: nil, modified: FileTime(seconds: 0))
        try up.chmod("gone", 0)
        try Layers.apply(Layers.diff(root("up")), to: root("down"))
        try Directory.open(root("down")).setTimes("gone", accessed: nil, modified: FileTime(seconds: 0))
        #expect(try FileTree.listing(root("down"), times: true) == FileTree.listing(root("up"), times: true))
    }

    /// A change made through a real overlay, taken as a layer, applied beside the lower one: the merged view is the same.
    @Test(.requires(.overlay)) func carriesARealOverlaysChanges() throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            [
                "etc": ["passwd": "root\n", "old": "x", "dir": ["a": "1", "b": "2"]], "opt": ["x": ["y": "z"]],
                "tmp": .directory([:], mode: 0o1777), "keep": "k", "swap": ["f": ""],
            ],
            to: root("lower")
        )
        try FileTree.write(["upper": [:], "work": [:], "merged": [:], "layer": [:], "again": [:]], to: root.path)
        let script = """
            set -e; cd \(root.path)
            mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work,redirect_dir=off,metacopy=off merged
            cd merged
            echo user >> etc/passwd; rm etc/old; rm -r etc/dir; mkdir etc/dir; echo new > etc/dir/c; rm -r opt
            mkdir -p fresh/deep; echo 1 > fresh/deep/f; ln fresh/deep/f fresh/g; touch tmp/t; chmod 700 keep
            rm -r swap; ln -s keep swap; mv tmp/t tmp/u
            cd ..; tar --sort=name --xattrs -C merged -cf merged.tar .; umount merged
            """
        let ran = try Command.run("unshare", ["-m", "sh", "-c", script])
        #expect(ran.status == 0, "\(ran.errorText)")
        let layer = try Layers.diff(root("upper")) { (path) throws(SystemError) in
            try Directory.open(root("lower")).status(path)?.kind == .directory
        }
        #expect(
            try Layers.names(layer) == [
                "etc/", "etc/dir/", "etc/dir/.wh..wh..opq", "etc/dir/c", "etc/.wh.old", "etc/passwd", "fresh/",
                "fresh/deep/",
                "fresh/deep/f", "fresh/g = fresh/deep/f", "keep", ".wh.opt", "swap -> keep", "tmp/", "tmp/u",
            ]
        )
        try Layers.apply(layer, to: root("layer"))
        let again = """
            set -e; cd \(root.path)
            mount -t overlay overlay -o ro,lowerdir=layer:lower again
            tar --sort=name --xattrs -C again -cf again.tar .; umount again
            """
        #expect(try Command.run("unshare", ["-m", "sh", "-c", again]).status == 0)
        for name in ["merged", "again"] {
            try Layers.apply(Command.output(of: "cat", [root("\(name).tar").string]), to: root("\(name)-tree"))
        }
        // The roots' own times differ: a directory of the host that the test made.
        #expect(
            try FileTree.listing(root("again-tree"), times: true) == FileTree.listing(root("merged-tree"), times: true)
        )
    }
}
