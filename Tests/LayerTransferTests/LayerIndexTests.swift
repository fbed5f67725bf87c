import ByteStreams
import LayerTransfer
import LinuxSystem
import SocleTesting
import SystemPackage
import TarFormat
import Testing

/// Indexes answer as the unpacked layers do.
@Suite struct LayerIndexTests {
    private typealias Members = [(TarEntry, [UInt8])]

    private static func device(_ path: TarPath, _ major: UInt32, _ minor: UInt32) -> (TarEntry, [UInt8]) {
        (TarEntry(path, kind: .characterDevice(major: major, minor: minor), mode: 0o600), [])
    }

    /// Stacks of layers, the base first.
    private static let stacks: [String: [Members]] = [
        "plain": [
            [
                Layers.directory(".", mode: 0o711, seconds: 9), Layers.directory("etc", mode: 0o750, seconds: 7),
                Layers.file("etc/passwd", "root:x:0:0::/:/bin/sh\n"), Layers.link("lib", to: "usr/lib"),
                Layers.directory("usr"), Layers.directory("usr/lib", mode: 0o1777, seconds: 3),
                Layers.file("usr/lib/x"), Layers.hardLink("usr/y", to: "usr/lib/x"),
                Layers.hardLink("usr/link", to: "lib"), device("null", 1, 3),
                Layers.link("loop", to: "loop"), Layers.link("away", to: "/nowhere/at/all"),
                Layers.link("up", to: "../../usr/./lib/../lib"),
            ]
        ],
        "implied": [
            [Layers.directory("a", mode: 0o700, seconds: 5), Layers.directory("a/b", mode: 0o711, seconds: 6)],
            [Layers.file("a/b/c"), Layers.file("new/deep/f"), Layers.directory("new", mode: 0o770, seconds: 4)],
            [Layers.file("a/z"), Layers.file("new/deep/g"), Layers.file("a/b/d")],
        ],
        "whiteouts": [
            [
                Layers.directory("d", mode: 0o700, seconds: 1), Layers.file("d/one"), Layers.file("d/two"),
                Layers.directory("e"), Layers.file("e/x"), Layers.directory("f", mode: 0o711), Layers.file("f/x"),
                Layers.link("l", to: "d"), Layers.directory("g"), Layers.file("g/x"), Layers.file("h"),
            ],
            [
                Layers.file("d/.wh.one"), Layers.directory("e"), Layers.file("e/.wh..wh..opq"), Layers.file("e/new"),
                Layers.file(".wh.f"), Layers.file(".wh.l"), Layers.file(".wh..wh.plnk"), Layers.file(".wh.h"),
                Layers.directory("h", mode: 0o701), Layers.file("g", "a file now"),
            ],
            [
                Layers.file("f/y"), Layers.directory("g"), Layers.file("g/z"), Layers.file("d/one"),
                Layers.link("e", to: "d"),
            ],
        ],
        "whiteout first": [
            [Layers.directory("d", mode: 0o700), Layers.file("d/x")],
            [Layers.file(".wh.d"), Layers.file("d/y")],
            [Layers.directory("d"), Layers.file(".wh.d"), Layers.file("d/z")],
            [device("d", 0, 0)],
        ],
        "links over directories": [
            [Layers.directory("lib"), Layers.file("lib/a"), Layers.directory("usr"), Layers.directory("usr/lib")],
            [Layers.link("lib", to: "usr/lib")], [Layers.file("lib/b")],
        ],
        "replaced": [
            [
                Layers.file("f", "one"), Layers.link("f", to: "g"), Layers.file("g"),
                Layers.directory("g", mode: 0o700),
                Layers.directory("g", mode: 0o711, seconds: 8), Layers.file("h"), Layers.hardLink("i", to: "h"),
                Layers.link("h", to: "i"),
            ]
        ],
    ]

    @Test(.requires(.root), arguments: stacks.keys.sorted()) func indexesSayWhatTreesSay(_ name: String) throws {
        let root = try TemporaryRoot()
        var lowers: [FilePath] = []
        var indexes: [LayerIndex] = []
        for (number, members) in try #require(Self.stacks[name]).enumerated() {
            let archive = try Layers.archive(members)
            let below = try lowers.isEmpty ? nil : LayeredTree(lowers: lowers)
            try Layers.apply(archive, to: root("layer\(number)")) { (path) throws(SystemError) in
                try below?.status(path)
            }
            lowers.insert(root("layer\(number)"), at: 0)
            indexes.insert(try LayerIndex.make(of: MemorySource(archive)), at: 0)
        }
        #expect(indexes.allSatisfy { !$0.isOdd })
        let tree = try LayeredTree(lowers: lowers)
        let indexed = IndexedTree(indexes)
        var asked: Set<PathBytes> = [
            "", "/", "a/b/c/d/e", "nothing", "loop", "loop/x", "up/x", "/../etc", "etc/./passwd",
        ]
        for index in indexes {
            for (path, _) in index.entries {
                asked.formUnion([
                    path, PathBytes(path.bytes + Array("/x".utf8)), PathBytes(path.bytes + Array("/..".utf8)),
                ])
            }
        }
        for path in asked {
            for followLast in [true, false] {
                let expected = Self.summary { () throws(SystemError) in
                    try tree.resolve(path, followLast: followLast)
                }
                let found = Self.summary { () throws(SystemError) in
                    try indexed.resolve(path, followLast: followLast)
                }
                #expect(found == expected, "\(path) followed: \(followLast)")
            }
        }
    }

    private static func summary(_ resolve: () throws(SystemError) -> LayeredTree.Resolved) -> String {
        do throws(SystemError) {
            let resolved = try resolve()
            guard let status = resolved.status else { return "\(resolved.path): nothing" }
            switch status.kind {
            case .directory:
                // The top of a stack without an entry of its own is as its maker left it.
                let isTop = resolved.path == "/"
                let owner = "\(status.uid):\(status.gid)"
                return isTop
                    ? "/: directory"
                    : "\(resolved.path): \(String(status.permissions, radix: 8)) \(owner) \(status.modified.seconds)"
            case .file, .symbolicLink: return "\(resolved.path): \(status.kind)"
            default: return "\(resolved.path): other"
            }
        } catch { return "\(error.errno)" }
    }

    @Test func keepsTheBytesOfWhoIsWho() throws {
        let index = try LayerIndex.make(
            of: MemorySource(
                Layers.archive([
                    Layers.file("./etc/passwd", "root"), Layers.file("etc/group", ""), Layers.file("etc/shadow", "x"),
                    Layers.hardLink("passwd", to: "etc/passwd"), Layers.link("group", to: "etc/../etc/group"),
                    Layers.directory("d"),
                ])
            )
        )
        let tree = IndexedTree([index])
        #expect(try tree.content(of: "/etc/passwd") == .bytes(Array("root".utf8)))
        #expect(try tree.content(of: "passwd") == .bytes(Array("root".utf8)))
        #expect(try tree.content(of: "group") == .bytes([]))
        #expect(try tree.content(of: "etc/shadow") == .elsewhere)
        #expect(try tree.content(of: "etc/gshadow") == .nothing)
        #expect(throws: SystemError.self) { try tree.content(of: "d") }
    }

    @Test func keepsAttributesOfDirectories() throws {
        var directory = Layers.directory("d", mode: 0o2755, seconds: -3)
        directory.0.xattrs = [TarEntry.XAttr(name: Array("user.x".utf8), value: [0, 1, 255])]
        (directory.0.uid, directory.0.gid) = (4_000_000_000, 77)
        let index = try LayerIndex.make(of: MemorySource(Layers.archive([directory])))
        let kept = try #require(LayerIndex(bytes: index.bytes))
        guard case .directory(let found) = kept.entry(at: Array("d".utf8)) else { throw Missing() }
        #expect(found.mode == 0o2755 && found.uid == 4_000_000_000 && found.gid == 77)
        #expect(found.modified == FileTime(seconds: -3))
        #expect(found.extended.map(\.name) == ["user.x"] && found.extended.map(\.value) == [[0, 1, 255]])
        #expect(try IndexedTree([kept]).attributes("d") == found.extended)
    }

    private struct Missing: Error {}

    @Test(arguments: [
        [Layers.link("a", to: "b"), Layers.file("a/x")], [Layers.file("a"), Layers.file("a/x")],
        [Layers.directory("a"), Layers.file("a/x"), Layers.file("a")],
        [Layers.directory("a"), Layers.link("a", to: "b")], [Layers.hardLink("a", to: "b")],
        [Layers.directory("a"), Layers.hardLink("b", to: "a")],
        [Layers.directory("a"), Layers.file("a/.wh..wh..opq"), Layers.file("a/b/c")],
    ])
    func whatOnlyUnpackingCanTellIsOdd(_ members: [(TarEntry, [UInt8])]) throws {
        let index = try LayerIndex.make(of: MemorySource(Layers.archive(members)))
        #expect(index.isOdd && index.count == 0)
        #expect(LayerIndex(bytes: index.bytes)?.isOdd == true)
    }

    @Test func damageIsNoticed() throws {
        let bytes = try LayerIndex.make(of: MemorySource(Layers.archive([Layers.directory("a"), Layers.file("a/b")])))
            .bytes
        #expect(LayerIndex(bytes: bytes)?.count == 2)
        #expect(LayerIndex(bytes: []) == nil)
        #expect(LayerIndex(bytes: Array(bytes.dropLast())) == nil)
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x10
            #expect(LayerIndex(bytes: damaged) == nil)
        }
    }

    @Test func hostileLayersAreRefused() throws {
        #expect(throws: LayerError.self) {
            try LayerIndex.make(of: MemorySource(Layers.archive([Layers.file("../x")])))
        }
    }
}
