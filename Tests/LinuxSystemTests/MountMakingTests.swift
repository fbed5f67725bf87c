import SocleTesting
import SystemPackage
import Testing

@testable import LinuxSystem

@Suite(.requires(.overlay)) struct MountMakingTests {
    /// What is put together in mounts of its own is there afterwards, and nowhere else.
    @Test func aPartOfAnOverlay() throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            ["low": ["dir": ["a": "low\n", "b": "b\n"]], "high": ["dir": ["a": "high\n"]], "at": [:]],
            to: root.path
        )
        let (high, low, place) = (root("high"), root("low"), root("at"))
        let part = try PrivateMounts.compose {
            let top = try Directory.open(high)
            let bottom = try Directory.open(low)
            let tree = try MountTree.overlay(lowers: [top.descriptor.raw, bottom.descriptor.raw])
            try tree.attach(at: place)
            return try SharedTree(MountTree.copying(of: try Directory.open(place).reference("dir")))
        }
        #expect(part.isDirectory)
        let top = Directory(adopting: try part.tree.descriptor.duplicate())
        #expect(try top.readFile("a", limit: 10) == Array("high\n".utf8))
        #expect(try top.readFile("b", limit: 10) == Array("b\n".utf8))
        #expect(throws: SystemError.self) { try top.makeDirectory("new") }
        #expect(try Directory.open(place).names().isEmpty)
        let mounts = try Command.output(of: "cat", ["/proc/self/mounts"])
        #expect(!String(decoding: mounts, as: UTF8.self).contains(root.path.string))
    }

    @Test func memoryIsNowhereElse() throws {
        let root = try TemporaryRoot()
        let place = root.path
        let file = try PrivateMounts.compose {
            try MountTree.memory(mode: 0o700, size: 1 << 16).attach(at: place)
            let memory = try Directory.open(place)
            let made = try memory.temporaryFile()
            try DescriptorIO.write(made.descriptor.raw, Array("x".utf8).span)
            try made.link(as: "file", replace: false)
            return try SharedTree(MountTree.copying(of: try memory.reference("file")))
        }
        #expect(!file.isDirectory)
        #expect(try FileStatus(of: file.tree.descriptor.raw).size == 1)
        #expect(try Directory.open(place).names().isEmpty)
    }

    @Test func ownersAreSwapped() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["theirs": "x", "roots": "x", "others": "x"], to: root.path)
        let folder = try Directory.open(root.path)
        try folder.chown("theirs", uid: 1000, gid: 1001)
        try folder.chown("others", uid: 7, gid: 8)
        let tree = try MountTree.copying(root.path, recursive: false)
        try tree.showAsRoot(uid: 1000, gid: 1001, recursive: false)
        let seen = Directory(adopting: try tree.descriptor.duplicate())
        func owner(_ name: PathBytes) throws -> [UInt32] {
            let status = try #require(try seen.status(name))
            return [status.uid, status.gid]
        }
        #expect(try owner("theirs") == [0, 0])
        #expect(try owner("roots") == [1000, 1001])
        #expect(try owner("others") == [7, 8])
    }

    @Test func socketsWithLongNames() throws {
        let root = try TemporaryRoot()
        let deep = root.path.appending(String(repeating: "d", count: 120))
        let folder = try Directory.open(deep, create: true)
        let listener = try UnixSocket.listen(as: "socket", in: folder)
        let client = try UnixSocket.connect(to: deep.appending("socket"))
        let server = try UnixSocket.accept(listener.raw)
        try DescriptorIO.write(client.raw, Array("hello".utf8).span)
        var buffer = [UInt8](repeating: 0, count: 5)
        #expect(try DescriptorIO.read(server.raw, into: &buffer) == 5 && buffer == Array("hello".utf8))
        #expect(throws: SystemError.self) { _ = try UnixSocket.connect(to: deep.appending("absent")) }
    }
}
