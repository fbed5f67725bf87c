import LayerTransfer
import SocleTesting
import SystemPackage
import Testing

/// The applier against GNU tar: the same archive gives the same tree.
@Suite struct TarComparisonTests {
    /// Archives with files whose directories they don't have: tar gives those the time of now, we that of the file.
    private static let withoutDirectories: Set = ["gnu-global.tar", "busybox.tar", "bsdtar-ustar.tar"]

    @Test(
        .requires(.all(.root, .tool("tar"))),
        arguments: Golden.cases("tar").filter { $0.hasSuffix(".tar") }
    )
    func likeTar(_ name: String) throws {
        let root = try TemporaryRoot()
        let bytes = try #require(try Golden.bytes("tar/\(name)"))
        try Command.output(of: "mkdir", [root("theirs").string, root("ours").string])
        try Command.output(
            of: "tar",
            [
                "--xattrs", "--xattrs-include=*", "--numeric-owner", "--delay-directory-restore", "-xpf", "-", "-C",
                root("theirs").string,
            ],
            input: bytes
        )
        try Layers.apply(bytes, to: root("ours"))
        let times = !Self.withoutDirectories.contains(name)
        let theirs = try FileTree.listing(root("theirs"), times: times)
        #expect(try FileTree.listing(root("ours"), times: times) == theirs)
        #expect(!theirs.isEmpty)
        // Our own layer of the tree brings it back once more.
        try Layers.apply(Layers.diff(root("ours")), to: root("again"))
        #expect(try FileTree.listing(root("again"), times: times) == theirs)
        #expect(try Layers.diff(root("again")) == Layers.diff(root("ours")))
        if times { #expect(try Layers.diff(root("ours")) == Layers.diff(root("theirs"))) }
    }
}
