import ByteStreams
import LinuxSystem
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import BuildOperations

/// The logs of builds on disk.
struct BuildHistoryTests {
    private static func text(_ history: BuildHistory, _ record: BuildRecord) throws -> String {
        String(decoding: try history.log(of: record).readAll(limit: 64 << 20), as: UTF8.self)
    }

    private static func request(_ target: String? = nil) -> BuildRequest {
        var request = BuildRequest(context: .directory("/ctx"))
        request.target = target
        return request
    }

    @Test func everythingIsKept() throws {
        let root = try TemporaryRoot()
        let history = BuildHistory(root: root.path)
        let log = try history.begin(Self.request("app"))
        #expect(try history.find(nil).state == .running, "its log is locked")
        log.take(.started(1, title: "[1/2] RUN one"))
        log.take(.started(2, title: "[2/2] RUN two"))
        log.take(.log(1, bytes: Array("first\nsec".utf8), stream: .output))
        log.take(.log(2, bytes: Array("other\n".utf8), stream: .error))
        log.take(.log(1, bytes: Array("ond\nno newline \u{ff}".utf8) + [0xff, 0x00], stream: .output))
        log.take(.finished(1, .done))
        log.take(.finished(2, .cached))
        #expect(log.finish(.success("sha256:abc")) == nil)

        let record = try history.find(String(log.id.prefix(11)))
        #expect(record.state == .completed && record.image == "sha256:abc" && record.name == "app")
        #expect(record.stepCount == 2 && record.cachedCount == 1 && record.finishedAt != nil)
        let bytes = try history.log(of: record).readAll(limit: 1 << 20)
        let lines = bytes.split(separator: 10).map { line in
            // The seconds differ from run to run.
            let parts = line.split(separator: 32, maxSplits: 2).map(Array.init)
            let isTimed = parts.count == 3 && parts[1].allSatisfy { ($0 >= 48 && $0 <= 57) || $0 == 46 }
            return isTimed ? parts[0] + [32] + parts[2] : Array(line)
        }
        #expect(
            lines[1...6].map { String(decoding: $0, as: UTF8.self) } == [
                "#1 [1/2] RUN one", "#2 [2/2] RUN two", "#1 first", "#2 other", "#1 second",
                "#1 no newline \u{ff}\u{fffd}\u{0}",
            ]
        )
        #expect(lines[6].suffix(2) == [0xff, 0x00], "bytes are kept as they are")
        let text = try Self.text(history, record)
        #expect(text.contains("\n#1 DONE 0.") && text.contains("\n#2 CACHED\n") && text.hasSuffix("\n#0 completed\n"))
    }

    @Test func longLinesStayWhole() throws {
        let root = try TemporaryRoot()
        let history = BuildHistory(root: root.path)
        let log = try history.begin(Self.request())
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 50_000)
        log.take(.started(1, title: "long"))
        for _ in 0..<10 { log.take(.log(1, bytes: chunk, stream: .output)) }
        log.take(.log(1, bytes: [10], stream: .output))
        log.take(.finished(1, .done))
        _ = log.finish(.success(""))
        let lines = try Self.text(history, try history.find(nil)).split(separator: "\n")
        #expect(lines.contains { $0.hasSuffix(String(repeating: "x", count: 500_000)) })
    }

    @Test func failuresAreTold() throws {
        let root = try TemporaryRoot()
        let history = BuildHistory(root: root.path)
        let failed = try history.begin(Self.request())
        _ = failed.finish(.failure(PlainFailure(.conflict, "exit code: 2")))
        let cancelled = try history.begin(Self.request())
        _ = cancelled.finish(.failure(CancellationError()))
        let states = try history.list().map(\.state)
        #expect(states == [.canceled, .failed])
        #expect(try history.find(failed.id).error == "exit code: 2")
    }

    @Test func onlyTheLastAreKeptAndNobodyWhoIsAtWorkLosesHis() throws {
        let root = try TemporaryRoot()
        let history = BuildHistory(root: root.path)
        let running = try history.begin(Self.request("still at work"))
        for _ in 0..<(BuildHistory.maximumCount + 5) { _ = try history.begin(Self.request()).finish(.success("")) }
        let records = try history.list()
        #expect(records.count == BuildHistory.maximumCount + 1)
        #expect(records.last?.target == "still at work" && records.last?.state == .running)
        _ = running.finish(.success(""))
    }

    @Test func whoDiedIsInterrupted() throws {
        let root = try TemporaryRoot()
        let history = BuildHistory(root: root.path)
        do { _ = try history.begin(Self.request()) }
        #expect(try history.find(nil).state == .interrupted)
    }

    @Test func namesAreFoundOrNot() throws {
        let root = try TemporaryRoot()
        let history = BuildHistory(root: root.path)
        #expect(try history.list().isEmpty)
        #expect(throws: PlainFailure.self) { try history.find(nil) }
        _ = try history.begin(Self.request()).finish(.success(""))
        _ = try history.begin(Self.request()).finish(.success(""))
        let error = #expect(throws: PlainFailure.self) { try history.find("0") }
        #expect(error?.kind == .conflict)
        #expect(throws: PlainFailure.self) { try history.find("../..") }
    }
}
