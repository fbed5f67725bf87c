import ByteStreams
import LayerTransfer
import LinuxSystem
import SocleTesting
import SystemPackage
import TarFormat
import Testing

/// Layers as one archive: whole, or as one layer above a base.
@Suite(.requires(.overlay)) struct MergedTarTests {
    private func write(_ tree: FileTree, _ root: borrowing TemporaryRoot, _ name: String) throws -> FilePath {
        try FileTree.write(tree, to: root(name))
        return root(name)
    }

    private func listing(_ bytes: [UInt8]) throws -> [String] {
        let reader = TarReader(MemorySource(bytes))
        var lines: [String] = []
        while let entry = try reader.next() {
            var line = "\(entry.path)"
            switch entry.kind {
            case .directory: line += "/"
            case .symbolicLink(let target): line += " -> \(target)"
            case .hardLink(let target): line += " = \(target)"
            default: break
            }
            lines.append(line + entry.xattrs.map { " \(String(decoding: $0.name, as: UTF8.self))" }.joined())
        }
        return lines
    }

    @Test func wholeFileSystem() throws {
        let root = try TemporaryRoot()
        let low = try write(["a": ["one": "1", "two": .hardLink("a/one"), "old": "x"], "l": .link("a")], root, "l1")
        let top = try write(["a": ["old": .whiteout, "new": "n"], "b": [:]], root, "l2")
        try Directory.open(top).setAttribute("user.note", of: "a/new", to: [1])
        let tree = try LayeredTree(lowers: [top, low])
        func tar(_ folder: String?) throws -> [UInt8] {
            let sink = MemorySink()
            var tar = MergedTar(to: sink, clamp: 1000)
            try tar.add(tree, folder: folder)
            _ = try tar.finish()
            return sink.bytes
        }
        let bytes = try tar(nil)
        #expect(try listing(bytes) == ["a/", "b/", "l -> a", "a/new user.note", "a/one", "a/two = a/one"])
        #expect(try tar(nil) == bytes)
        #expect(try listing(tar("linux_arm64")).prefix(3) == ["linux_arm64/", "linux_arm64/a/", "linux_arm64/b/"])
        #expect(try listing(tar("p")).last == "p/a/two = p/a/one")
    }

    /// Applied on the base, the merged layer gives what the layers one after another give.
    @Test func oneLayerAboveABase() throws {
        let root = try TemporaryRoot()
        let base = try write(
            ["keep": "k", "drop": "d", "dir": ["x": "1", "y": "2"], "swap": ["in": "1"]],
            root,
            "base"
        )
        let first = try write(
            ["drop": .whiteout, "made": "m", "dir": ["x": .whiteout, "z": "3"], "swap": .whiteout, "passing": "p"],
            root,
            "l1"
        )
        let second = try write(
            ["made": .whiteout, "passing": .whiteout, "swap": ["other": "2"], "fresh": ["f": "1"]],
            root,
            "l2"
        )
        for name: PathBytes in ["swap", "fresh"] {
            try Directory.open(second).setAttribute("trusted.overlay.opaque", of: name, to: [UInt8(ascii: "y")])
        }
        let sink = MemorySink()
        var tar = MergedTar(to: sink)
        try tar.add(try LayeredTree(lowers: [second, first]), above: try LayeredTree(lowers: [base]))
        _ = try tar.finish()
        #expect(
            try listing(sink.bytes)
                == [
                    "dir/", ".wh.drop", "fresh/", "swap/", "swap/.wh..wh..opq", "dir/.wh.x", "dir/z", "fresh/f",
                    "swap/other",
                ]
        )
        let merged = root("merged")
        let applier = LayerApplier(into: try Directory.open(merged, create: true), whiteouts: .overlay)
        _ = try applier.apply(MemorySource(sink.bytes))
        func paths(_ lowers: [FilePath]) throws -> [String] {
            var walk = LayeredWalk(try LayeredTree(lowers: lowers))
            var found: [String] = []
            while let step = try walk.next() { found.append("\(step.path) \(step.status.kind) \(step.status.size)") }
            return found
        }
        #expect(
            try paths([merged, base]).filter { !$0.contains("directory") }
                == paths([second, first, base]).filter { !$0.contains("directory") }
        )
    }
}
