import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

@Suite struct ConfinedPathTests {
    @Test func noLinkLeadsOut() throws {
        let root = try TemporaryRoot()
        try FileTree.write(
            [
                "top": ["in": ["file": "x"], "inside": .link("in/../in"), "out": .link("../other"), "absolute": .link("/etc")],
                "other": ["file": "y"],
            ],
            to: root.path
        )
        let top = root("top").string
        #expect(ConfinedPath(root("other").string, below: top) == nil)
        #expect(ConfinedPath(top, below: top) == nil)
        #expect(ConfinedPath(top + "-more/in", below: top) == nil)
        func isDirectory(_ path: String) throws -> Bool { try #require(ConfinedPath(top + "/" + path, below: top)).isDirectory() }
        #expect(try isDirectory("in"))
        #expect(try isDirectory("inside"))
        #expect(try !isDirectory("inside/file"))
        for path in ["out", "out/file", "absolute", "in/../../other", "/etc", "inside/../../top"] {
            #expect(errno { _ = try isDirectory(path) } == .improperLink, "\(path)")
        }
        #expect(errno { _ = try isDirectory("nothing") } == .noSuchFileOrDirectory)
    }
}
