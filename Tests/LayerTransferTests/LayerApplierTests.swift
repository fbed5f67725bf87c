import ByteStreams
import LayerTransfer
import LinuxSystem
import SocleTesting
import SystemPackage
import TarFormat
import Testing

@Suite struct LayerApplierTests {
    @Test func makesFilesDirectoriesAndLinks() throws {
        let root = try TemporaryRoot()
        let usage = try Layers.apply(
            [
                Layers.directory("./"), Layers.directory("etc", mode: 0o750),
                Layers.file("etc/passwd", "root\n", mode: 0o4711),
                Layers.link("bin", to: "usr/bin"), Layers.hardLink("etc/same", to: "etc/passwd"),
                Layers.file("/abs/olute", "a"),
            ],
            to: root("out")
        )
        #expect(usage.entries == 6 && usage.bytes == 13)
        let tree = try FileTree.read(root("out"))
        #expect(
            tree
                == .directory([
                    "etc": .directory(
                        ["passwd": .text("root\n", mode: 0o4711), "same": .text("root\n", mode: 0o4711)],
                        mode: 0o750
                    ),
                    "bin": .link("usr/bin"), "abs": ["olute": "a"],
                ])
        )
        #expect(try Directory.open(root("out/etc")).status("same")?.linkCount == 2)
    }

    @Test func setsTimesOfDirectoriesLast() throws {
        let root = try TemporaryRoot()
        var file = Layers.file("a/b/f")
        file.0.modified = TarTime(seconds: -5, nanoseconds: 7)
        try Layers.apply(
            [
                Layers.directory("a", seconds: 100), Layers.directory("a/b", mode: 0o500, seconds: 200), file,
                Layers.directory(".", mode: 0o711, seconds: 300), Layers.file("a/late"), Layers.file("a/b/late"),
            ],
            to: root("out")
        )
        let out = try Directory.open(root("out"))
        #expect(try out.status("a")?.modified == FileTime(seconds: 100))
        #expect(try out.status("a/b")?.modified == FileTime(seconds: 200))
        #expect(try out.status("a/b")?.permissions == 0o500)
        #expect(try out.status("a/b/f")?.modified == FileTime(seconds: -5, nanoseconds: 7))
        #expect(try out.status().modified == FileTime(seconds: 300) && out.status().permissions == 0o711)
    }

    @Test func laterEntriesReplaceEarlierOnes() throws {
        let root = try TemporaryRoot()
        try Layers.apply(
            [
                Layers.file("f", "one"), Layers.hardLink("kept", to: "f"), Layers.file("f", "two"),
                Layers.directory("d"), Layers.file("d/x"), Layers.file("d", "now a file"),
                Layers.file("e"), Layers.directory("e"), Layers.file("e/y"),
                Layers.link("l", to: "e"), Layers.directory("l"), Layers.file("l/z"),
                Layers.directory("g"), Layers.file("g/old"), Layers.file("g"), Layers.directory("g"),
                Layers.file("g/new"),
                Layers.hardLink("f", to: "f"),
            ],
            to: root("out")
        )
        #expect(
            try FileTree.read(root("out")) == [
                "f": "two", "kept": "one", "d": "now a file", "e": ["y": ""], "l": ["z": ""], "g": ["new": ""],
            ]
        )
    }

    @Test func directoriesKeepWhatIsInThem() throws {
        let root = try TemporaryRoot()
        try Layers.apply([Layers.file("d/x"), Layers.directory("d", mode: 0o700), Layers.file("d/y")], to: root("out"))
        #expect(try FileTree.read(root("out")) == ["d": .directory(["x": "", "y": ""], mode: 0o700)])
    }

    @Test func linksAmongParentsStayInside() throws {
        let root = try TemporaryRoot()
        try Layers.apply(
            [
                Layers.directory("usr/lib"), Layers.link("lib", to: "/usr/lib"), Layers.file("lib/so", "1"),
                Layers.link("up", to: "../../../../usr"), Layers.file("up/f", "2"), Layers.hardLink("h", to: "lib/so"),
            ],
            to: root("out")
        )
        #expect(
            try FileTree.read(root("out")) == [
                "usr": ["lib": ["so": "1"], "f": "2"], "lib": .link("/usr/lib"), "up": .link("../../../../usr"),
                "h": "1",
            ]
        )
    }

    @Test func missingDirectoriesLookLikeThoseBelow() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["tmp": .directory([:], mode: 0o1777)], to: root("lower"))
        var file = Layers.file("tmp/a/f")
        file.0.modified = TarTime(seconds: 77)
        try Layers.apply(Layers.archive([file]), to: root("out")) { (path) throws(SystemError) in
            try Directory.open(root("lower")).status(path)
        }
        let out = try Directory.open(root("out"))
        #expect(try out.status("tmp")?.permissions == 0o1777 && out.status("tmp/a")?.permissions == 0o755)
        #expect(try out.status("tmp/a")?.modified == FileTime(seconds: 77))
    }

    @Test func holesStayHoles() throws {
        let root = try TemporaryRoot()
        var (entry, _) = Layers.file("sparse")
        entry.size = 1 << 30
        entry.sparse = [TarEntry.SparseSegment(offset: 1 << 20, length: 4)]
        try Layers.apply([(entry, [1, 2, 3, 4])], to: root("out"))
        let status = try #require(try Directory.open(root("out")).status("sparse"))
        #expect(status.size == 1 << 30 && status.blocks512 < 1000)
    }

    @Test func goesDeep() throws {
        let root = try TemporaryRoot()
        let deep = String(repeating: "d/", count: 300)
        try Layers.apply(
            [
                Layers.file(TarPath(deep + "one")), Layers.file(TarPath(deep + "two")), Layers.file("d/x"),
                Layers.hardLink(TarPath(deep + "three"), to: TarPath(deep + "one")),
            ],
            to: root("out")
        )
        let bottom = try Directory.open(root("out")).directory(PathBytes(deep))
        #expect(try bottom.names().count == 3)
    }

    @Test func readsTheSourceToItsEnd() throws {
        let root = try TemporaryRoot()
        let source = ObservedSource(try Layers.archive([Layers.file("f")]) + [1, 2, 3])
        _ = try LayerApplier(into: root.directory(), whiteouts: .overlay).apply(source)
        #expect(source.isAtEnd)
    }

    @Test func bodiesAreLimited() throws {
        let root = try TemporaryRoot()
        var limits = LayerLimits()
        limits.bytes = 5
        let archive = try Layers.archive([Layers.file("a", "1234"), Layers.file("b", "56")])
        #expect(throws: LayerError.self) { try Layers.apply(archive, to: root("out"), limits: limits) }
        #expect(throws: LayerError.self) { try TarCheck.validate(MemorySource(archive), limits: limits) }
    }

    // MARK: - Root's

    @Test(.requires(.root)) func setsOwnersDevicesAndAttributes() throws {
        let root = try TemporaryRoot()
        var (file, _) = Layers.file("tool", mode: 0o6755)
        (file.uid, file.gid) = (1234, 4321)
        let capability: [UInt8] = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        file.size = 3
        file.xattrs = [
            TarEntry.XAttr(name: Array("security.capability".utf8), value: capability),
            TarEntry.XAttr(name: Array("user.x".utf8), value: []),
            TarEntry.XAttr(name: Array("trusted.overlay.opaque".utf8), value: [0x79]),
            TarEntry.XAttr(name: Array("user.overlay.redirect".utf8), value: [0x2f]),
        ]
        var link = Layers.link("link", to: "nowhere").0
        (link.uid, link.gid) = (7, 8)
        let device = TarEntry("null", kind: .characterDevice(major: 1, minor: 3), mode: 0o666)
        let disk = TarEntry("disk", kind: .blockDevice(major: 259, minor: 300), mode: 0o660)
        let usage = try Layers.apply([(file, [1, 2, 3]), (link, []), (device, []), (disk, [])], to: root("out"))
        let out = try Directory.open(root("out"))
        let tool = try #require(try out.status("tool"))
        #expect(tool.permissions == 0o6755 && tool.uid == 1234 && tool.gid == 4321)
        #expect(try out.attribute("security.capability", of: "tool") == capability)
        #expect(try Set(out.attributeNames(of: "tool")) == ["security.capability", "user.x"])
        #expect(try out.status("link")?.uid == 7 && out.status("link")?.gid == 8)
        #expect(try out.status("null")?.rawDevice == FileStatus.Device(major: 1, minor: 3))
        #expect(try out.status("null")?.permissions == 0o666 && out.status("disk")?.rawDevice.minor == 300)
        #expect(usage.refusedAttributes == 0)
    }

    @Test(.requires(.root)) func whiteoutsBecomeOverlaysMarks() throws {
        let root = try TemporaryRoot()
        try Layers.apply(
            [
                Layers.file(".wh.gone"), Layers.file("d/.wh.x"), Layers.directory("o"), Layers.file("o/.wh..wh..opq"),
                Layers.file("o/new"), Layers.file(".wh..wh.plnk"),
                // Hidden and made again, in both orders.
                Layers.file(".wh.again"), Layers.directory("again"), Layers.directory("first"),
                Layers.file(".wh.first"),
                Layers.file(".wh.implied"), Layers.file("implied/f"), Layers.file(".wh.file"), Layers.file("file", "f"),
                Layers.file("other", "o"), Layers.file(".wh.other"),
            ],
            to: root("out")
        )
        let out = try Directory.open(root("out"))
        #expect(
            try FileTree.read(root("out")) == [
                "gone": .whiteout, "d": ["x": .whiteout], "o": ["new": ""], "again": [:], "first": [:],
                "implied": ["f": ""],
                "file": "f", "other": "o",
            ]
        )
        for name: PathBytes in ["o", "again", "first", "implied"] {
            #expect(try out.attribute("trusted.overlay.opaque", of: name) == [0x79], "\(name)")
        }
        #expect(try out.attribute("trusted.overlay.opaque", of: "d") == nil)
    }

    @Test func whiteoutsRemoveInAMergedTree() throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            ["gone": ["x": "1"], "kept": "2", "o": ["old": "", "sub": ["old": ""]], "link": .link("kept")],
            to: root("out")
        )
        try Layers.apply(
            [
                Layers.file(".wh.gone"), Layers.file("o/sub/new"), Layers.file("o/.wh..wh..opq"), Layers.file("o/late"),
                Layers.file("made"), Layers.file(".wh.made"), Layers.file(".wh.link"), Layers.file(".wh.never"),
            ],
            to: root("out"),
            .remove
        )
        #expect(try FileTree.read(root("out")) == ["kept": "2", "o": ["sub": ["new": ""], "late": ""], "made": ""])
    }
}

/// A source that knows whether it was read to its end.
final class ObservedSource: ByteSource {
    private let source: MemorySource
    private(set) var isAtEnd = false

    init(_ bytes: [UInt8]) { source = MemorySource(bytes) }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let count = try source.read(into: &buffer, from: start)
        isAtEnd = count == 0
        return count
    }
}
