import ByteStreams
import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage
import TarFormat
import Testing

@testable import BaseImageTools

/// Layers as tars on unpacked ones say what the same layers unpacked say.
@Suite struct RootTests {
    static func tar(_ entries: [(TarEntry, String)], in folder: FilePath, name: String) throws -> OwnedDescriptor {
        let sink = MemorySink()
        var writer = TarWriter(to: sink)
        for (entry, text) in entries {
            var entry = entry
            if entry.kind == .file { entry.size = Int64(text.utf8.count) }
            try writer.append(entry)
            if entry.kind == .file { try writer.write(Array(text.utf8).span) }
        }
        try writer.finish()
        try FileTree.write([name: .file(sink.bytes)], to: folder)
        return try Directory.open(folder).openForReading(PathBytes(name))
    }

    static func file(_ path: String, _ text: String = "x", mode: UInt32 = 0o644) -> (TarEntry, String) {
        (TarEntry(TarPath(path), kind: .file, mode: mode), text)
    }

    static func size(_ descriptor: borrowing OwnedDescriptor) throws -> Int64 {
        try FileStatus(of: descriptor.raw).size
    }

    static func members(_ layers: [[(TarEntry, String)]], in root: borrowing TemporaryRoot) throws -> TarMembers {
        var members = TarMembers()
        for (index, layer) in layers.enumerated() {
            let blob = try tar(layer, in: root.path, name: "layer-\(index)")
            let size = try size(blob)
            #expect(try members.add(blob, size: size, limit: 100))
        }
        return members
    }

    private func text(_ root: ImageRoot, _ path: PathBytes) throws -> String? {
        try root.contents(path, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func membersAreReadWhereTheyLie() throws {
        let place = try TemporaryRoot()
        let big = String(repeating: "0123456789abcdef", count: 10_000)
        let root = try ImageRoot(
            Self.members(
                [
                    [
                        Self.file("a/b/c", "deep"), (TarEntry("l", kind: .symbolicLink("a/b"), mode: 0o777), ""),
                        Self.file("big", big), (TarEntry("abs", kind: .symbolicLink("/l/../b/c"), mode: 0o777), ""),
                        (TarEntry("h", kind: .hardLink("a/b/c"), mode: 0o644), ""), Self.file("run", "y", mode: 0o4755),
                        (TarEntry("loop", kind: .symbolicLink("loop"), mode: 0o777), ""),
                    ]
                ],
                in: place
            ),
            on: []
        )
        #expect(try text(root, "/a/b/c") == "deep" && text(root, "/l/c") == "deep" && text(root, "h") == "deep")
        #expect(try text(root, "/abs") == "deep" && text(root, "/../../a/./b/c") == "deep")
        #expect(try text(root, "/big") == big)
        #expect(try root.find("/run")?.mode == 0o4755 && root.find("/l")?.path == "/a/b")
        #expect(try root.find("/loop") == nil && root.find("/none/a") == nil && root.find("/run/a") == nil)
        #expect(try root.names(in: "/") == ["a", "abs", "big", "h", "l", "loop", "run"])
        #expect(try root.entry(at: "/l")?.kind == .symbolicLink)
    }

    /// The same stack, once as trees under tars and once as the trees that the tars would be unpacked to.
    @Test func layersHideWhatIsBelow() throws {
        let place = try TemporaryRoot()
        try FileTree.write(
            [
                "tree": [
                    "keep": "below", "gone": "below", "file": "below", "dir": ["one": "below", "two": "below"],
                    "whole": ["old": "below"], "usr": ["lib": ["x": "below"]], "lib": .link("usr/lib"),
                    "swap": ["in": "below"],
                ]
            ],
            to: place.path
        )
        let layers = [
            [
                Self.file("gone", "late"), Self.file(".wh.keepnot"), Self.file("dir/two", "above"),
                Self.file("usr/lib/y", "above"),
                Self.file("swap", "a file"), Self.file("both", "first"),
            ],
            [
                Self.file(".wh.gone"), Self.file("dir/.wh.one"), (TarEntry("whole", kind: .directory, mode: 0o700), ""),
                Self.file("whole/.wh..wh..opq"), Self.file("whole/new", "above"), Self.file("both", "second"),
            ],
        ]
        let root = try ImageRoot(Self.members(layers, in: place), on: [place("tree")])
        let seen: [(PathBytes, String?)] = [
            ("/keep", "below"), ("/gone", nil), ("/file", "below"), ("/dir/one", nil), ("/dir/two", "above"),
            ("/whole/old", nil), ("/whole/new", "above"), ("/lib/x", "below"), ("/lib/y", "above"), ("/swap/in", nil),
            ("/swap", "a file"), ("/both", "second"),
        ]
        for (path, wanted) in seen { #expect(try text(root, path) == wanted, "\(path)") }
        #expect(try root.find("/whole")?.mode == 0o700)
        #expect(try root.names(in: "/dir") == ["two"] && root.names(in: "/whole") == ["new"])
        #expect(try root.names(in: "/usr/lib") == ["x", "y"])
    }

    @Test func whatCostsTooMuchIsLeft() throws {
        let place = try TemporaryRoot()
        let many = (0..<20).map { Self.file("f\($0)") }
        let blob = try Self.tar(many, in: place.path, name: "many")
        var members = TarMembers()
        let size = try Self.size(blob)
        #expect(try !members.add(blob, size: size, limit: 10))
        try FileTree.write(["gz": .file([0x1f, 0x8b] + [UInt8](repeating: 0, count: 600))], to: place.path)
        let compressed = try Directory.open(place.path).openForReading("gz")
        #expect(try !members.add(compressed, size: 602, limit: 10))
    }
}
