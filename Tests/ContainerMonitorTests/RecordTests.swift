import LinuxSystem
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import ContainerMonitor

/// Marks, records and process stamps: what tells the next command the truth.
@Suite struct RecordTests {
    @Test func aProcessIsToldFromALaterOne() throws {
        let own = try #require(ProcessStamp.of(ProcessTests.ownNumber()))
        #expect(own.exists && own.start > 0 && own.boot.count == 36)
        var other = own
        other.start += 1
        #expect(!other.exists)
        other = own
        other.boot = "another"
        #expect(!other.exists)
        #expect(ProcessStamp.of(Int32.max) == nil)
    }

    @Test func recordsSurvive() throws {
        let root = try TemporaryRoot()
        let folder = try root.directory()
        #expect(try StartRecord(in: folder) == nil && ExitRecord(in: folder) == nil)
        let start = StartRecord(process: ProcessStamp(pid: 7, start: 99, boot: "b"), startedAt: 5)
        try start.write(to: folder)
        #expect(try StartRecord(in: folder) == start)
        for end in [
            ExitRecord(code: 137, outOfMemory: true, startedAt: 5, finishedAt: 6),
            ExitRecord(code: 127, error: "exec: \"x\": \u{1}", startedAt: nil, finishedAt: 6),
        ] {
            try end.write(to: folder)
            #expect(try ExitRecord(in: folder) == end)
        }
    }

    @Test(arguments: [
        "", "{", "{}", "[]", "{\"pid\":1}", "{\"pid\":99999999999,\"processStart\":1,\"bootID\":\"\",\"startedAt\":1}",
    ])
    func damagedRecordsAreErrors(_ text: String) throws {
        let root = try TemporaryRoot()
        let folder = try root.directory()
        try folder.replaceDocument(StartRecord.file, Array(text.utf8))
        #expect(throws: RecordError.self) { try StartRecord(in: folder) }
    }

    @Test func aMarkBelongsToOneAtATime() throws {
        let root = try TemporaryRoot()
        let folder = try root.directory()
        guard let mark = try ActiveMark.take("a", in: folder) else { throw Missing() }
        #expect(try ActiveMark.take("a", in: folder) == nil)
        #expect(try ActiveMark.takeAbandoned("a", in: folder) == nil)
        #expect(try ActiveMark.isHeld("a", in: folder))
        #expect(try !ActiveMark.isHeld("b", in: folder))
        try mark.clear(in: folder)
        #expect(try ActiveMark.all(in: folder).isEmpty)
        #expect(try ActiveMark.takeAbandoned("a", in: folder) == nil)
    }

    @Test func aMarkOfADeadHolderIsAbandoned() throws {
        let root = try TemporaryRoot()
        let folder = try root.directory()
        do { _ = try ActiveMark.take("a", in: folder) }
        #expect(try ActiveMark.all(in: folder) == ["a"])
        #expect(try !ActiveMark.isHeld("a", in: folder))
        guard let mark = try ActiveMark.takeAbandoned("a", in: folder) else { throw Missing() }
        try mark.clear(in: folder)
        #expect(try ActiveMark.all(in: folder).isEmpty)
    }

    @Test func documentsAreFilesAndSmall() throws {
        let root = try TemporaryRoot()
        let folder = try root.directory()
        try folder.addDocument("a", Array("12345".utf8), mode: 0o644)
        #expect(try folder.document("a", limit: 5) == Array("12345".utf8))
        #expect(throws: SystemError.self) { try folder.document("a", limit: 4) }
        #expect(throws: SystemError.self) { try folder.addDocument("a", []) }
        try folder.makeNode("fifo", mode: 0o010_600)
        #expect(throws: SystemError.self) { try folder.document("fifo") }
        try folder.symlink(to: "a", as: "link")
        #expect(throws: SystemError.self) { try folder.document("link") }
    }

    struct Missing: Error {}
}

enum ProcessTests {
    static func ownNumber() throws -> Int32 {
        let target = try Directory.open("/proc").readLink("self")
        return Int32(String(decoding: target, as: UTF8.self)) ?? 0
    }
}
