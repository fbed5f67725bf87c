import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

/// The driver that copies: what it brings to the upper directory shows, over the layers, what the copy had become.
@Suite(.requires(.root)) struct LayerCopyTests {
    private func prepare(_ root: borrowing TemporaryRoot) throws -> [FilePath] {
        let low: FileTree = [
            "a": ["a": ["a": "1", "b": "2", "c": .link("b")], "b": "3", "c": ["a": "4"]], "b": ["a": ["b": "5"], "c": "6"],
            "c": "7",
        ]
        let high: FileTree = ["a": ["a": ["a": .whiteout, "c": "8"], "b": ["a": "9"]], "c": .whiteout, "d": "10"]
        try FileTree.write(low, to: root("low"))
        try FileTree.write(high, to: root("high"))
        for name in ["upper", "work", "shown"] { try FileTree.write([:], to: root(name)) }
        return [root("high"), root("low")]
    }

    /// Everything that a tree shows, by path.
    private func listing(_ layers: [FilePath]) throws -> [String: String] {
        let tree = try LayeredTree(lowers: layers)
        var found: [String: String] = [:]
        var waiting: [PathBytes] = [""]
        while let path = waiting.popLast() {
            for name in try tree.names(path) {
                let inner = path.appending(name)
                guard let status = try tree.resolve(inner, followLast: false).status else { continue }
                var text = "\(status.kind) \(String(status.permissions, radix: 8)) \(status.uid) \(status.modified)"
                switch status.kind {
                case .directory: waiting.append(inner)
                case .file: text += " \(String(decoding: try tree.readFile(inner, limit: 100) ?? [], as: UTF8.self))"
                case .symbolicLink: text += " -> \(String(decoding: try tree.readLink(inner), as: UTF8.self))"
                default: break
                }
                found[inner.description] = text
            }
        }
        return found
    }

    /// A sequence of numbers that is always the same.
    private struct Numbers {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }

        mutating func path() -> PathBytes {
            PathBytes((0...next(3)).map { _ in ["a", "b", "c", "d"][next(4)] }.joined(separator: "/"))
        }
    }

    /// One change of those that programs make; what can't be done isn't.
    private func change(_ root: borrowing Directory, _ numbers: inout Numbers, _ count: Int) {
        let path = numbers.path()
        switch numbers.next(9) {
        case 0: try? root.makeDirectory(path)
        case 1:
            // The number of what is removed is the next one's.
            try? root.removeTree(path)
            try? root.makeDirectory(path)
        case 2: try? root.removeTree(path)
        case 3: try? root.rename(path, to: numbers.path())
        case 4: try? root.symlink(to: "target \(count)", as: path)
        case 5: try? root.chmod(path, 0o700 | UInt32(count % 64))
        case 6: try? root.chown(path, uid: UInt32(count), gid: 7)
        case 7: try? root.link(path, as: numbers.path())
        default:
            guard (try? root.status(path)?.kind) != .directory else { return }
            try? root.remove(path)
            guard let file = try? root.create(path, mode: 0o644) else { return }
            try? DescriptorIO.write(file.raw, Array("new \(count)".utf8).span)
        }
    }

    @Test(arguments: 0..<40) func changesAreFound(_ seed: Int) throws {
        let root = try TemporaryRoot()
        let lowers = try prepare(root)
        let (upper, work) = (root("upper"), root("work"))
        _ = try StorageDriver.copies.mount(lowers: lowers, upper: upper, work: work)
        let copy = try #require(try LayerCopy.existing(in: work))
        #expect(try listing([copy]) == listing(lowers))
        var numbers = Numbers(state: UInt64(seed) &+ 99)
        let directory = try Directory.open(copy)
        for count in 0..<numbers.next(40) { change(directory, &numbers, count) }
        let expected = try listing([copy])
        let shown = root("shown")
        try StorageDriver.copies.show(lowers: lowers, upper: upper, work: work, in: try Directory.open(shown))
        #expect(try listing([shown] + lowers) == expected)
        #expect(try listing([copy]) == expected)
        try StorageDriver.copies.settle(lowers: lowers, upper: upper, work: work)
        #expect(try listing([upper] + lowers) == expected)
    }

    /// A copy that nobody changed leaves nothing, and a directory that takes the place and number of another hides what that had.
    @Test func aDirectoryInThePlaceOfAnotherIsAnother() throws {
        let root = try TemporaryRoot()
        let lowers = try prepare(root)
        let (upper, work) = (root("upper"), root("work"))
        _ = try StorageDriver.copies.mount(lowers: lowers, upper: upper, work: work)
        let copy = try #require(try LayerCopy.existing(in: work))
        let shown = root("shown")
        try StorageDriver.copies.show(lowers: lowers, upper: upper, work: work, in: try Directory.open(shown))
        #expect(try Directory.open(shown).names().isEmpty)
        let directory = try Directory.open(copy)
        try directory.removeTree("b")
        try directory.makeDirectory("b")
        try directory.makeDirectory("b/a")
        try StorageDriver.copies.settle(lowers: lowers, upper: upper, work: work)
        let settled = try Directory.open(upper)
        #expect(try settled.attribute("trusted.overlay.opaque", of: "b") == [UInt8(ascii: "y")])
        #expect(try settled.attribute("trusted.overlay.opaque", of: "b/a") == nil)
        #expect(try listing([upper] + lowers).keys.filter { $0.hasPrefix("b") }.sorted() == ["b", "b/a"])
    }
}
