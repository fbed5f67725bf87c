import LayerTransfer
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

/// Files written into a folder of the host's, where other things may be already.
@Suite(.requires(.root)) struct FolderWriterTests {
    private func tree(_ root: borrowing TemporaryRoot, _ files: FileTree) throws -> LayeredTree {
        try FileTree.write(files, to: root("tree"))
        return try LayeredTree(lowers: [root("tree")])
    }

    private func write(
        _ tree: LayeredTree,
        _ root: borrowing TemporaryRoot,
        clamp: Int64? = nil,
        removesOthers: Bool = false
    ) throws {
        let folder = try Directory.open(root("out"), create: true, mode: 0o755)
        try FolderWriter(into: folder, clamp: clamp, removesOthers: removesOthers).write(tree)
    }

    @Test func everythingComesAlong() throws {
        let root = try TemporaryRoot()
        let tree = try tree(
            root,
            [
                "bin": ["su": .text("x", mode: 0o4755), "too": .hardLink("bin/su")],
                "ro": .directory(["f": "1"], mode: 0o555),
                "l": .link("/nowhere"), "pipe": .fifo, "null": .characterDevice(major: 1, minor: 3),
            ]
        )
        try Directory.open(root("tree")).setTimes(
            "ro/f",
            accessed: nil,
            modified: FileTime(seconds: 77, nanoseconds: 5)
        )
        try Directory.open(root("tree")).setTimes("ro", accessed: nil, modified: FileTime(seconds: 78))
        try Directory.open(root("tree")).setAttribute("user.note", of: "ro/f", to: [1, 2])
        try write(tree, root)
        #expect(try FileTree.listing(root("out"), times: true) == FileTree.listing(root("tree"), times: true))
        // Once more over what is there.
        try write(tree, root)
        #expect(try FileTree.listing(root("out"), times: true) == FileTree.listing(root("tree"), times: true))
    }

    @Test func linksThatAreThereAreNotFollowed() throws {
        let root = try TemporaryRoot()
        let tree = try tree(root, ["etc": ["passwd": "new"], "lib": ["a": ["b": "new"]], "file": "new"])
        try FileTree.write(["outside": ["passwd": "mine", "file": "mine"]], to: root.path)
        try FileTree.write(
            [
                "etc": .link("../outside"), "lib": ["a": .link("../../outside")], "file": .link("../outside/file"),
                "own": "stays",
            ],
            to: root("out")
        )
        try write(tree, root)
        #expect(try FileTree.read(root("outside")) == ["passwd": "mine", "file": "mine"])
        #expect(
            try FileTree.read(root("out"))
                == ["etc": ["passwd": "new"], "lib": ["a": ["b": "new"]], "file": "new", "own": "stays"]
        )
    }

    @Test func typesAreReplaced() throws {
        let root = try TemporaryRoot()
        let tree = try tree(root, ["was-file": ["in": "1"], "was-folder": "2", "was-folder-too": .link("x")])
        try FileTree.write(
            ["was-file": "x", "was-folder": ["deep": ["x": ""]], "was-folder-too": ["y": ""]],
            to: root("out")
        )
        try write(tree, root)
        #expect(
            try FileTree.read(root("out")) == [
                "was-file": ["in": "1"], "was-folder": "2", "was-folder-too": .link("x"),
            ]
        )
    }

    @Test func othersAreRemovedOnDemand() throws {
        let root = try TemporaryRoot()
        let tree = try tree(root, ["a": ["b": "1"], "e": [:]])
        try FileTree.write(["a": ["c": "x", "d": ["y": ""]], "e": ["z": ""], "f": "x"], to: root("out"))
        try write(tree, root, clamp: 100, removesOthers: true)
        #expect(try FileTree.read(root("out")) == ["a": ["b": "1"], "e": [:]])
        #expect(try Directory.open(root("out")).status("a/b")?.modified == FileTime(seconds: 100))
        #expect(try Directory.open(root("out")).status("a")?.modified == FileTime(seconds: 100))
    }
}
