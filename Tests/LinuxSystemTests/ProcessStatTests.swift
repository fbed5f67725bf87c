import Testing

@testable import LinuxSystem

/// What the line of `/proc/<pid>/stat` says, whatever a process calls itself.
struct ProcessStatTests {
    private static let rest = " S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 99 1000 2\n"

    @Test(arguments: ["cat", "a b", ") R 1", "((", "S) 1 2 3 (", ""])
    func namesMayHoldAnything(_ name: String) throws {
        let stat = try #require(ProcessStat(line: "7 (\(name))" + Self.rest))
        #expect(stat.pid == 7)
        #expect(stat.state == UInt8(ascii: "S"))
        #expect(stat.start == 99)
        #expect(!stat.isDead)
    }

    @Test func zombiesAreDead() throws {
        let stat = try #require(ProcessStat(line: "7 (cat)" + Self.rest.replacing("S", with: "Z")))
        #expect(stat.isDead)
    }

    @Test(arguments: ["", "7", "7 (cat", "7 (cat) S 1", "x (cat)" + rest, "7 (cat)" + rest.replacing("99", with: "x")])
    func halfALineIsNone(_ line: String) { #expect(ProcessStat(line: line) == nil) }

    @Test func thisProcessIsThere() throws {
        let own = try #require(ProcessStat.own)
        #expect(ProcessStat(own.pid)?.start == own.start)
        #expect(ProcessStat(Int32.max) == nil)
    }
}
