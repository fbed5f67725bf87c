import Glibc
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

/// A walk shows what overlayfs shows.
@Suite(.requires(.overlay)) struct LayeredWalkTests {
    private func layers(_ root: borrowing TemporaryRoot) throws -> [FilePath] {
        try FileTree.write(
            [
                "etc": ["passwd": "low", "old": "x", "conf": ["a": "1", "b": "2"]], "bin": .link("usr/bin"),
                "run": ["pid": "7"], "data": ["deep": ["file": "low"]], "kind": ["was": "a directory"],
                "kind2": "a file",
                "again": ["first": "1"], "pipe": .fifo,
            ],
            to: root("l1")
        )
        try FileTree.write(
            [
                "etc": ["old": .whiteout, "conf": ["b": "22", "c": "3"], "hosts": "h"], "data": ["other": "mid"],
                "kind": "a file now", "kind2": ["in": "a directory now"], "run": .whiteout, "again": .whiteout,
                "gone": .whiteout,
            ],
            to: root("l2")
        )
        try FileTree.write(
            [
                "etc": ["passwd": "top"], "data": ["deep": ["new": "top"]], "again": ["second": "2"],
                "z": ["b": "", "a": ""],
            ],
            to: root("l3")
        )
        try Directory.open(root("l2")).setAttribute("trusted.overlay.opaque", of: "data", to: [UInt8(ascii: "y")])
        // As the kernel does where a directory is made anew.
        try Directory.open(root("l3")).setAttribute("trusted.overlay.opaque", of: "again", to: [UInt8(ascii: "y")])
        return ["l3", "l2", "l1"].map { root($0) }
    }

    private func paths(_ walk: consuming LayeredWalk) throws -> [String] {
        var found: [String] = []
        while let step = try walk.next() {
            found.append(step.path.description + (step.status.kind == .directory ? "/" : ""))
            #expect(try step.holder.directory.status(step.name) == step.status)
        }
        return found
    }

    @Test func showsWhatOverlayfsShows() throws {
        let root = try TemporaryRoot()
        let lowers = try layers(root)
        let found = try paths(LayeredWalk(LayeredTree(lowers: lowers)))
        let listing = try Command.output(
            of: "unshare",
            [
                "-m", "sh", "-c",
                """
                mkdir m && mount -t overlay overlay -o lowerdir=l3:l2:l1 m && cd m &&
                find . -mindepth 1 -printf '%P%y\\n' | sed 's,d$,/,;s,[^/]$,,'
                """,
            ],
            directory: root.path
        )
        #expect(
            found.sorted() == String(decoding: listing, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
        )
    }

    @Test func orderIsOwnNamesFirst() throws {
        let root = try TemporaryRoot()
        let found = try paths(LayeredWalk(LayeredTree(lowers: [layers(root)[0]])))
        #expect(
            found == [
                "again/", "data/", "etc/", "z/", "again/second", "data/deep/", "data/deep/new", "etc/passwd", "z/a",
                "z/b",
            ]
        )
    }

    @Test func marksAreKeptOnDemand() throws {
        let root = try TemporaryRoot()
        var walk = LayeredWalk(try LayeredTree(lowers: Array(layers(root).prefix(2))), keepsMarks: true)
        var marks: [String] = []
        var opaque: [String] = []
        while let step = try walk.next() {
            if step.status.kind == .characterDevice { marks.append(step.path.description) }
            if step.isOpaque { opaque.append(step.path.description) }
        }
        #expect(marks == ["gone", "run", "etc/old"])
        #expect(opaque == ["again", "data"])
    }

    @Test func nothingIsAWalkWithoutSteps() throws {
        #expect(try paths(LayeredWalk(LayeredTree(lowers: []))) == [])
    }
}
