import ByteStreams
import LayerTransfer
import LinuxSystem
import Reporting
import SocleTesting
import SystemPackage
import TarFormat
import Testing

/// Archives that try to leave the directory. Next to it stands a tree that must not change, whether an archive is refused
/// or taken in some harmless way.
@Suite struct HostileLayerTests {
    /// What becomes of an archive.
    enum Outcome: Sendable {
        /// Both the check and the applier refuse it, saying this.
        case refused(String)
        /// It only fails when it is applied.
        case fails
        /// It is applied; nothing leaves.
        case harmless
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var entries: [(TarEntry, [UInt8])]
        var outcome: Outcome

        init(_ description: String, _ outcome: Outcome, _ entries: [(TarEntry, [UInt8])]) {
            testDescription = description
            self.entries = entries
            self.outcome = outcome
        }
    }

    private static func special(_ path: TarPath, _ kind: TarEntry.Kind) -> (TarEntry, [UInt8]) {
        (TarEntry(path, kind: kind, mode: 0o666), [])
    }

    private static func opaque(_ path: TarPath) -> (TarEntry, [UInt8]) { Layers.file(path) }

    static let names: [Case] = [
        Case("parent", .refused("\"..\""), [Layers.file("../canary/new", "x")]),
        Case("parent in the middle", .refused("\"..\""), [Layers.file("a/../../canary/file", "x")]),
        Case("parent at the end", .refused("\"..\""), [Layers.directory("a/..", mode: 0o777)]),
        Case("parent after a slash", .refused("\"..\""), [Layers.file("/../canary/file", "x")]),
        Case("only a parent", .refused("\"..\""), [Layers.directory("..", mode: 0o777)]),
        Case("parent with a dot", .refused("\"..\""), [Layers.file("./.././canary/file", "x")]),
        Case("absolute name", .harmless, [Layers.file("/canary/file", "x")]),
        Case("many slashes", .harmless, [Layers.file("///canary//file", "x")]),
        Case("root as a file", .refused("the root is no directory"), [Layers.file(".", "x")]),
        Case("root as a link", .refused("the root is no directory"), [Layers.link(".", to: "../canary")]),
        Case("root as a link with a slash", .refused("the root is no directory"), [Layers.link("/.", to: "../canary")]),
        Case("root as a device", .refused("the root is no directory"), [special("./.", .fifo)]),
        Case("long part", .refused("longer than 255"), [Layers.file(TarPath(String(repeating: "a", count: 256)))]),
        Case("whiteout of nothing", .refused("a whiteout of \"\""), [Layers.file(".wh.")]),
        Case("whiteout of a dot", .refused("a whiteout of \".\""), [Layers.file("a/.wh..")]),
        Case("whiteout of the parent", .refused("a whiteout of \"..\""), [Layers.file(".wh...")]),
        Case("whiteout of the parent below", .refused("a whiteout of \"..\""), [Layers.file("a/b/.wh...")]),
        Case("whiteout as directory", .refused("no directory"), [Layers.file(".wh.a/b")]),
        Case("whiteout of all as directory", .refused("no directory"), [Layers.file(".wh..wh..opq/b")]),
        Case("whiteout and parent", .refused("\"..\""), [Layers.file("../.wh.canary")]),
        Case("hard link to a parent", .refused("hard link to"), [Layers.hardLink("h", to: "../canary/file")]),
        Case(
            "hard link to a parent inside",
            .refused("hard link to"),
            [Layers.hardLink("h", to: "a/../../canary/file")]
        ),
        Case("hard link to a whiteout", .refused("hard link to"), [Layers.hardLink("h", to: ".wh.x")]),
        Case("hard link to the root", .refused("hard link to"), [Layers.hardLink("h", to: "/")]),
        Case("hard link to nothing", .refused("hard link to"), [Layers.hardLink("h", to: "")]),
    ]

    static let links: [Case] = [
        Case("file through a link", .fails, [Layers.link("a", to: "../canary"), Layers.file("a/file", "x")]),
        Case("file through an absolute link", .fails, [Layers.link("a", to: "CANARY"), Layers.file("a/file", "x")]),
        Case("file through a link to /", .harmless, [Layers.link("a", to: "/"), Layers.file("a/file", "x")]),
        Case(
            "file through a chain",
            .fails,
            [
                Layers.link("a", to: ".."), Layers.link("b", to: "a/../canary"), Layers.file("b/file", "x"),
            ]
        ),
        Case("file over a link", .harmless, [Layers.link("a", to: "../canary/file"), Layers.file("a", "x")]),
        Case(
            "directory over a link",
            .harmless,
            [
                Layers.link("a", to: "../canary"), Layers.directory("a", mode: 0o777), Layers.file("a/file", "x"),
            ]
        ),
        Case("fifo over a link", .harmless, [Layers.link("a", to: "../canary/file"), special("a", .fifo)]),
        Case(
            "mode of a link",
            .harmless,
            [
                Layers.link("a", to: "../canary/file"),
                (TarEntry("a", kind: .symbolicLink("../canary/file"), mode: 0o7777), []),
            ]
        ),
        Case(
            "hard link through a link",
            .fails,
            [Layers.link("a", to: "../canary"), Layers.hardLink("h", to: "a/file")]
        ),
        Case(
            "hard link to a link, then a file",
            .harmless,
            [
                Layers.link("a", to: "../canary/file"), Layers.hardLink("h", to: "a"), Layers.file("h", "x"),
            ]
        ),
        Case(
            "hard link to a link, then a directory",
            .harmless,
            [
                Layers.link("a", to: "../canary"), Layers.hardLink("h", to: "a"), Layers.directory("h", mode: 0o777),
                Layers.file("h/file", "x"),
            ]
        ),
        Case("hard link to a directory", .fails, [Layers.directory("d"), Layers.hardLink("h", to: "d")]),
        Case("hard link to what isn't there", .fails, [Layers.hardLink("h", to: "canary/file")]),
        Case("hard link to an absolute host path", .fails, [Layers.hardLink("h", to: "CANARY/file")]),
        Case("loop of links", .fails, [Layers.link("a", to: "b"), Layers.link("b", to: "a"), Layers.file("a/x")]),
        Case("link to itself", .fails, [Layers.link("a", to: "a"), Layers.file("a/x/y")]),
        Case("link to nowhere as parent", .fails, [Layers.link("a", to: "none"), Layers.file("a/x")]),
        Case(
            "link to a file as parent",
            .fails,
            [
                Layers.file("f"), Layers.link("a", to: "f"), Layers.file("a/x"),
            ]
        ),
        Case("file as parent", .fails, [Layers.file("f"), Layers.file("f/x")]),
        Case("magic link", .fails, [Layers.link("a", to: "/proc/self/root"), Layers.file("a/CANARY/file", "x")]),
        Case(
            "directory, link, directory",
            .harmless,
            [
                Layers.directory("a", mode: 0o777), Layers.link("a", to: "../canary"),
                Layers.directory("a", mode: 0o777),
            ]
        ),
        Case(
            "times of a directory that became a link",
            .harmless,
            [
                Layers.directory("a/b", mode: 0o777, seconds: 5), Layers.file("a", ""),
                Layers.link("a", to: "../canary"),
            ]
        ),
        Case(
            "directory swapped for a link",
            .fails,
            [
                Layers.directory("d"), Layers.file("d/x"), Layers.link("d", to: "../canary"),
                Layers.file("d/file", "x"),
            ]
        ),
    ]

    static let whiteouts: [Case] = [
        Case("whiteout through a link", .fails, [Layers.link("a", to: "../canary"), Layers.file("a/.wh.file")]),
        Case("opaque through a link", .fails, [Layers.link("a", to: "../canary"), opaque("a/.wh..wh..opq")]),
        Case("opaque root", .harmless, [Layers.file("x"), opaque(".wh..wh..opq")]),
        Case("whiteout of a link", .harmless, [Layers.link("a", to: "../canary"), Layers.file(".wh.a")]),
        Case("whiteout that is a link", .harmless, [Layers.link(".wh.a", to: "../canary")]),
        Case("opaque mark that is a link", .harmless, [Layers.link("d/.wh..wh..opq", to: "../../canary")]),
        Case("bookkeeping of aufs", .harmless, [Layers.file(".wh..wh.plnk"), Layers.file("a/.wh..wh.aufs")]),
    ]

    @Test(.requires(.root), arguments: names + links + whiteouts) func staysInside(_ hostile: Case) throws {
        for mode in [LayerApplier.Whiteouts.overlay, .remove] {
            let root = try TemporaryRoot()
            try FileTree.write(
                ["canary": ["file": .text("safe\n", mode: 0o640), "dir": ["x": "y"]], "out": [:]],
                to: root.path
            )
            let before = try FileTree.listing(root("canary"), times: true)
            let parent = try root.directory().status()
            let archive = try Layers.archive(hostile.entries.map { rename($0, root("canary")) })
            try judge(hostile, archive, root("out"), mode)
            #expect(try FileTree.listing(root("canary"), times: true) == before)
            #expect(
                try root.directory().names().map { String(decoding: $0, as: UTF8.self) }.sorted() == ["canary", "out"]
            )
            #expect(try root.directory().status().permissions == parent.permissions)
        }
    }

    private func judge(_ hostile: Case, _ archive: [UInt8], _ out: FilePath, _ mode: LayerApplier.Whiteouts) throws {
        let applied = failure { try Layers.apply(archive, to: out, mode) }
        let checked = failure { try TarCheck.validate(MemorySource(archive)) }
        switch hostile.outcome {
        case .refused(let words):
            #expect(applied?.description.contains(words) == true, "\(String(describing: applied))")
            #expect(checked?.description.contains(words) == true, "\(String(describing: checked))")
            #expect(applied?.kind == .corrupt)
        case .fails:
            #expect(applied != nil)
            #expect(checked == nil)
        case .harmless:
            #expect(applied == nil && checked == nil)
        }
    }

    private func failure(_ body: () throws -> LayerUsage) -> LayerError? {
        do {
            _ = try body()
            return nil
        } catch { return error as? LayerError }
    }

    /// Puts the canary's real place where a case says CANARY.
    private func rename(_ item: (TarEntry, [UInt8]), _ canary: FilePath) -> (TarEntry, [UInt8]) {
        func real(_ path: TarPath) -> TarPath {
            let text = path.description
            guard let place = text.firstRange(of: "CANARY") else { return path }
            let name = place.lowerBound == text.startIndex ? canary.string : String(canary.string.dropFirst())
            return TarPath(text[..<place.lowerBound] + name + text[place.upperBound...])
        }
        var (entry, body) = item
        entry.path = real(entry.path)
        switch entry.kind {
        case .symbolicLink(let target): entry.kind = .symbolicLink(real(target))
        case .hardLink(let target): entry.kind = .hardLink(real(target))
        default: break
        }
        return (entry, body)
    }

    @Test(.requires(.root)) func attributesOfManyKindsAreRefusedOrSet() throws {
        let root = try TemporaryRoot()
        var (entry, _) = Layers.file("f")
        entry.xattrs = (0..<500).map {
            TarEntry.XAttr(name: Array("user.a\($0)".utf8), value: [UInt8](repeating: 1, count: 1000))
        }
        let archive = try Layers.archive([(entry, [])])
        do { try Layers.apply(archive, to: root("out")) } catch let error as LayerError {
            #expect(error.description.contains("setxattr"), "\(error)")
        }
    }

    @Test func anEmptyArchiveIsAnEmptyLayer() throws {
        let root = try TemporaryRoot()
        for bytes in [[], [UInt8](repeating: 0, count: 10_240)] {
            #expect(try TarCheck.validate(MemorySource(bytes)) == LayerUsage())
            #expect(try Layers.apply(bytes, to: root("out")) == LayerUsage())
        }
        #expect(throws: LayerError.self) { try TarCheck.validate(MemorySource(Array("hello".utf8))) }
    }
}
