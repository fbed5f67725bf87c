import Glibc
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

/// The errno of what `body` throws; nil if it throws nothing.
func errno(of body: () throws -> Void) -> Errno? {
    do { try body() } catch { return (error as? SystemError)?.errno }
    return nil
}

@Suite struct DirectoryTests {
    @Test func namesAndStatus() throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            ["file": .text("hello", mode: 0o640), "folder": ["in": "x"], "link": .link("file"), "pipe": .fifo],
            to: root.path
        )
        let directory = try root.directory()
        #expect(
            try directory.names().map { String(decoding: $0, as: UTF8.self) }.sorted() == [
                "file", "folder", "link", "pipe",
            ]
        )
        let kinds = try directory.entries().sorted { $0.name < $1.name }.map(\.kind)
        #expect(kinds == [.file, .directory, .symbolicLink, .fifo])
        let file = try #require(try directory.status("file"))
        #expect(file.kind == .file && file.size == 5 && file.permissions == 0o640 && file.linkCount == 1)
        #expect(try directory.status("folder/in")?.size == 1)
        #expect(try directory.status("link")?.kind == .symbolicLink)
        #expect(try directory.status("absent") == nil)
        #expect(try directory.status("file/below") == nil)
        #expect(try directory.readLink("link") == Array("file".utf8))
    }

    @Test func manyNames() throws {
        let root = try TemporaryRoot()
        let directory = try root.directory()
        for number in 0..<3_000 {
            _ = try directory.open("file with a longish name \(number)", flags: O_CREAT | O_WRONLY, mode: 0o600)
        }
        #expect(Set(try directory.names()).count == 3_000)
        #expect(try directory.names().count == 3_000, "reading again starts anew")
    }

    @Test func namesAreBytes() throws {
        let root = try TemporaryRoot()
        let directory = try root.directory()
        let name = PathBytes([0xff, 0xfe, 0x0a, 0x20])
        try directory.makeDirectory(name)
        #expect(try directory.names() == [name.bytes])
        #expect(errno { try directory.makeDirectory(PathBytes([0x61, 0, 0x62])) } == .invalidArgument)
        #expect(errno { try directory.makeDirectory("") } == .noSuchFileOrDirectory)
    }

    @Test(arguments: ["../x", "..", "a/..", "a/../../x", "/etc/passwd", "out/passwd", "outside", "/"])
    func nothingLeaves(_ text: String) throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            ["x": "canary", "in": ["a": [:], "out": .link("/etc"), "outside": .link("../x")]],
            to: root.path
        )
        let directory = try Directory.open(root("in"))
        let path = PathBytes(text)
        if text != "a/.." { #expect(errno { _ = try directory.open(path, flags: O_RDONLY) } != nil) }
        #expect(errno { try directory.chmod(path, 0o777) } != nil)
        if text != "outside" {
            #expect(errno { try directory.makeDirectory(path) } != nil)
            #expect(errno { try directory.remove(path) } != nil)
            #expect(errno { try directory.removeTree(path) } != nil)
            #expect(errno { try directory.rename("a", to: path) } != nil)
            #expect(errno { try directory.link("outside", as: path) } != nil)
            #expect(errno { try directory.setAttribute("user.x", of: path, to: [1]) } != nil)
            #expect(errno { _ = try directory.status(path) } != nil)
        }
        #expect(try Directory.open(root.path).status("x")?.size == 6)
    }

    @Test func makingAndRenaming() throws {
        let root = try TemporaryRoot()
        let directory = try root.directory()
        try directory.makeDirectory("a/", mode: 0o700)
        try directory.makeDirectory("a/b")
        #expect(errno { try directory.makeDirectory("a") } == .fileExists)
        _ = try directory.directory("a", create: true)
        #expect(errno { try directory.makeDirectory("missing/b") } == .noSuchFileOrDirectory)
        let file = try directory.open("a/one", flags: O_CREAT | O_WRONLY, mode: 0o600)
        try DescriptorIO.write(file.raw, [1, 2, 3].span)
        try directory.link("a/one", as: "a/two")
        #expect(try directory.status("a/one")?.linkCount == 2)
        try directory.rename("a/two", to: "three")
        #expect(errno { try directory.rename("a/one", to: "a", replace: false) } == .fileExists)
        let other = try directory.directory("a/b")
        try directory.rename("three", to: "moved", in: other)
        #expect(try other.status("moved")?.size == 3)
        try directory.exchange("a/one", with: "a/b")
        #expect(try directory.status("a/one")?.kind == .directory)
        try directory.remove("a/b")
        #expect(errno { try directory.remove("a/one") } == .isDirectory)
        #expect(errno { try directory.remove("a/one", directory: true) } == .directoryNotEmpty)
        try directory.sync()
    }

    @Test func hostPathsAreMade() throws {
        let root = try TemporaryRoot()
        let made = try Directory.open(root("x/y/z"), create: true, mode: 0o711)
        #expect(try made.status().permissions == 0o711)
        #expect(try Directory.open(root("x/y")).status().permissions == 0o755)
        _ = try Directory.open(root("x/y/z"), create: true)
    }

    @Test func insideARoot() throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            [
                "etc": ["passwd": "inside"], "run": .link("/etc"), "up": .link("../../../etc"),
                "self": .link("/proc/self/exe"),
            ],
            to: root.path
        )
        let directory = try root.directory()
        for path: PathBytes in ["/etc/passwd", "run/passwd", "up/passwd", "../../etc/passwd", "/run/../run/passwd"] {
            let file = try directory.openInRoot(path, flags: O_RDONLY)
            #expect(try DescriptorIO.readAll(file.raw, limit: 100) == Array("inside".utf8))
        }
        #expect(errno { _ = try directory.openInRoot("/self", flags: O_RDONLY) } == .noSuchFileOrDirectory)
    }

    @Test func attributesOfFiles() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["file": "x", "link": .link("file")], to: root.path)
        let directory = try root.directory()
        try directory.chmod("file", 0o4751)
        #expect(try directory.status("file")?.permissions == 0o4751)
        #expect(errno { try directory.chmod("link", 0o700) } != nil, "a link has no mode, and its target keeps its own")
        #expect(try directory.status("file")?.permissions == 0o4751)
        let time = FileTime(seconds: 1_234_567_890, nanoseconds: 123_456_789)
        for name: PathBytes in ["file", "link"] {
            try directory.setTimes(name, accessed: nil, modified: time)
            #expect(try directory.status(name)?.modified == time)
        }
        try directory.setTimes("file", accessed: FileTime(seconds: -5, nanoseconds: 7), modified: nil)
        #expect(try directory.status("file")?.accessed == FileTime(seconds: -5, nanoseconds: 7))
        let reference = try directory.reference("link")
        try FileAttributes.setTimes(reference.raw, accessed: nil, modified: FileTime(seconds: 9))
        #expect(try directory.status("link")?.modified == FileTime(seconds: 9))
        #expect(try directory.status("file")?.modified == time)
        let file = try directory.reference("file")
        try FileAttributes.chmod(file.raw, 0o600)
        #expect(try FileStatus(of: file.raw).permissions == 0o600)
    }

    @Test(.requires(.root)) func ownersAndDevices() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["file": "x", "link": .link("file"), "gone": .whiteout], to: root.path)
        let directory = try root.directory()
        try directory.chown("link", uid: 12, gid: 34)
        #expect(try directory.status("link")?.uid == 12)
        #expect(try directory.status("file")?.uid == 0)
        let link = try directory.reference("link")
        try FileAttributes.chown(link.raw, uid: 56, gid: 78)
        #expect(try directory.status("link")?.gid == 78)
        let gone = try #require(try directory.status("gone"))
        #expect(gone.kind == .characterDevice && gone.rawDevice == FileStatus.Device(major: 0, minor: 0))
        try directory.makeNode(
            "big",
            mode: UInt32(S_IFBLK) | 0o600,
            device: FileStatus.Device(major: 259, minor: 70_000)
        )
        #expect(try directory.status("big")?.rawDevice == FileStatus.Device(major: 259, minor: 70_000))
    }

    @Test func extendedAttributes() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["file": "x", "folder": ["below": "y"]], to: root.path)
        let directory = try root.directory()
        let long = [UInt8](repeating: 7, count: 3_000)
        try directory.setAttribute("user.one", of: "file", to: [0, 1, 255])
        try directory.setAttribute("user.long", of: "folder/below", to: long)
        try directory.setAttribute("user.empty", of: "file", to: [])
        #expect(try directory.attributeNames(of: "file").sorted() == ["user.empty", "user.one"])
        #expect(try directory.attribute("user.one", of: "file") == [0, 1, 255])
        #expect(try directory.attribute("user.empty", of: "file") == [])
        #expect(try directory.attribute("user.none", of: "file") == nil)
        let below = try directory.reference("folder/below")
        #expect(try ExtendedAttributes.value("user.long", of: below.raw) == long)
        try ExtendedAttributes.set("user.long", to: [1], of: below.raw)
        #expect(try ExtendedAttributes.names(of: below.raw) == ["user.long"])
        try ExtendedAttributes.remove("user.long", of: below.raw)
        try directory.removeAttribute("user.long", of: "folder/below")
        #expect(try ExtendedAttributes.names(of: below.raw) == [])
    }

    @Test(.requires(.root)) func attributesOfLinks() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["file": "x", "link": .link("file")], to: root.path)
        let directory = try root.directory()
        try directory.setAttribute("trusted.mark", of: "link", to: [1])
        #expect(try directory.attribute("trusted.mark", of: "link") == [1])
        #expect(try directory.attribute("trusted.mark", of: "file") == nil)
        let link = try directory.reference("link")
        #expect(try ExtendedAttributes.names(of: link.raw) == ["trusted.mark"])
    }
}
