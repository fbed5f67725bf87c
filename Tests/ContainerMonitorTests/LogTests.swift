import LinuxSystem
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import ContainerMonitor

/// Lines, records and files of a container's log.
@Suite struct LogTests {
    private func lines(_ pieces: [String]) -> [(String, Bool)] {
        var lines = LogLines()
        var found: [(String, Bool)] = []
        for piece in pieces {
            lines.take(Array(piece.utf8)[...]) { found.append((String(decoding: $0, as: UTF8.self), $1)) }
        }
        lines.finish { found.append((String(decoding: $0, as: UTF8.self), $1)) }
        return found
    }

    @Test func outputIsCutIntoLines() {
        let found = lines(["a\nb", "c\n\n", "rest"])
        #expect(found.map(\.0) == ["a", "bc", "", "rest"])
        #expect(found.map(\.1) == [true, true, true, false])
        let long = String(repeating: "x", count: LogLines.limit)
        #expect(lines([long + "\n"]).map(\.1) == [true])
        #expect(lines([long + "y\n"]).map(\.0) == [long, "y"])
        #expect(lines([long, "y\n"]).map(\.1) == [false, true])
        #expect(lines(["x", long]).map(\.0) == [long, "x"])
    }

    @Test(arguments: [
        "plain", "quote \" back \\ slash", "<html> & tab\t", "\r", "\u{1}\u{1f}\u{7f}", "ä€😀", "\u{2028}",
    ])
    func recordsComeBack(_ text: String) throws {
        var bytes: [UInt8] = []
        let time = "2026-01-02T03:04:05.6Z"
        LogRecord.append(Array(text.utf8)[...], ends: true, .error, time: Array(time.utf8), to: &bytes)
        #expect(bytes.last == 0x0a)
        let record = LogRecord(parsing: bytes.dropLast())
        #expect(record == LogRecord(Array((text + "\n").utf8), .error, time: time))
        // Any parser of JSON reads the same.
        let value = try JSONValue(parsing: Array(bytes.dropLast()))
        #expect(value["log"]?.text == text + "\n" && value["stream"]?.text == "stderr")
    }

    @Test func whatIsNoTextIsReplaced() throws {
        var bytes: [UInt8] = []
        LogRecord.append([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82][...], ends: false, .output, time: [], to: &bytes)
        #expect(try JSONValue(parsing: Array(bytes.dropLast()))["log"]?.text == "a\u{fffd}\u{fffd}(\u{fffd}\u{fffd}")
        #expect(LogRecord(parsing: Array("{\"log\":\"half".utf8)[...]) == nil)
        let other = #"{"stream":"stdout", "log":"x\ud83d\ude00", "time":"t"}"#
        #expect(LogRecord(parsing: Array(other.utf8)[...])?.bytes == Array("x😀".utf8))
    }

    @Test func policies() throws {
        #expect(try LogPolicy(driver: "", options: [:]) == .standard)
        let policy = try LogPolicy(driver: "json-file", options: ["max-size": "10k", "max-file": "3"])
        #expect(policy.maximumSize == 10_000 && policy.maximumFiles == 3)
        #expect(try LogPolicy(driver: "local", options: [:]).maximumFiles == 5)
        #expect(throws: PlainFailure.self) { try LogPolicy(driver: "syslog", options: [:]) }
        #expect(throws: PlainFailure.self) { try LogPolicy(driver: "none", options: ["max-size": "1"]) }
        #expect(throws: PlainFailure.self) { try LogPolicy(driver: "json-file", options: ["max-file": "0"]) }
        #expect(throws: PlainFailure.self) { try LogPolicy(driver: "json-file", options: ["max-size": "9999999999g"]) }
        let buffered = try LogPolicy(driver: "local", options: ["mode": "non-blocking", "max-buffer-size": "64k"])
        #expect(buffered.bufferSize == 65_536 && buffered.compresses == true)
        #expect(try LogPolicy(driver: "json-file", options: ["mode": "non-blocking"]).bufferSize == 1 << 20)
        for (driver, options) in [
            ("json-file", ["compress": "true"]), ("json-file", ["compress": "true", "max-size": "1m"]), ("json-file", ["compress": "x"]),
            ("local", ["max-file": "1"]), ("local", ["labels": "a"]), ("none", ["mode": "blocking"]), ("json-file", ["mode": "x"]),
            ("json-file", ["max-buffer-size": "1m"]), ("json-file", ["mode": "non-blocking", "max-buffer-size": "-1"]),
            ("json-file", ["labels-regex": "a("]), ("json-file", ["max-size": "-1"]), ("local", ["max-size": ""]),
        ] {
            #expect(throws: PlainFailure.self, "\(driver) \(options)") { try LogPolicy(driver: driver, options: options) }
        }
    }

    @Test func filesAreReadAcrossTheirLimits() throws {
        let root = try TemporaryRoot()
        let folder = try root.directory()
        let policy = try LogPolicy(driver: "json-file", options: ["max-size": "400", "max-file": "3"])
        let log = try #require(try ContainerLog(policy, id: "c", in: folder))
        for index in 0..<20 { log.write(Array("line \(index)\n".utf8)[...], .output) }
        log.finish()
        #expect(try folder.names().count == 3)
        func read(_ query: LogQuery) throws -> [String] {
            var found: [String] = []
            try LogReader(policy, id: "c").read(query, in: folder, isRunning: { false }, pause: {}) {
                found.append(String(decoding: $0.bytes.dropLast(), as: UTF8.self))
                return true
            }
            return found
        }
        let all = try read(LogQuery())
        #expect(all.last == "line 19" && all.count > 10 && all.count < 20)
        for tail in [0, 1, 2, 7, 100] {
            var query = LogQuery()
            query.tail = tail
            #expect(try read(query) == Array(all.suffix(tail)), "\(tail)")
            query.follows = true
            #expect(try read(query) == Array(all.suffix(tail)), "\(tail)")
        }
        var later = LogQuery()
        later.since = Timestamp(epochSeconds: 4_000_000_000)
        #expect(try read(later) == [])
    }

    /// The lines of a log as `logs` hands them out, without their line feeds.
    private func read(_ policy: LogPolicy, in folder: borrowing Directory, _ query: LogQuery = LogQuery()) throws -> [String] {
        var found: [String] = []
        try LogReader(policy, id: "c").read(query, in: folder, isRunning: { false }, pause: {}) {
            found.append(String(decoding: $0.bytes.dropLast(), as: UTF8.self))
            return true
        }
        return found
    }

    @Test func fullFilesAreCompressed() throws {
        let root = try TemporaryRoot()
        let folder = try root.directory()
        let policy = try LogPolicy(driver: "json-file", options: ["max-size": "400", "max-file": "4", "compress": "true"])
        let log = try #require(try ContainerLog(policy, id: "c", in: folder))
        for index in 0..<40 { log.write(Array("line \(index)\n".utf8)[...], .output) }
        log.finish()
        log.settle()
        let names = try folder.names().map { String(decoding: $0, as: UTF8.self) }.sorted()
        #expect(names == ["c-json.log"] + (1...3).map { "c-json.log.\($0).gz" })
        let all = try read(policy, in: folder)
        #expect(all.last == "line 39" && all.count > 15 && all == (40 - all.count..<40).map { "line \($0)" })
        for tail in [0, 1, 5, 7, 12, 100] {
            var query = LogQuery()
            query.tail = tail
            #expect(try read(policy, in: folder, query) == Array(all.suffix(tail)), "\(tail)")
            query.follows = true
            #expect(try read(policy, in: folder, query) == Array(all.suffix(tail)), "\(tail)")
        }
        // The next monitor goes on.
        let next = try #require(try ContainerLog(policy, id: "c", in: folder))
        for index in 40..<44 { next.write(Array("line \(index)\n".utf8)[...], .output) }
        next.finish()
        next.settle()
        #expect(try read(policy, in: folder).last == "line 43")
    }

    /// What a monitor leaves that was killed while it compressed.
    @Test func unfinishedCompressionIsBegunAnew() throws {
        let root = try TemporaryRoot()
        let folder = try root.directory()
        func write(_ name: String, _ text: String) throws {
            let file = try folder.open(PathBytes(name), flags: 0o1102, mode: 0o640)
            try DescriptorIO.write(file.raw, Array(text.utf8).span)
        }
        func line(_ text: String) -> String { "{\"log\":\"\(text)\\n\",\"stream\":\"stdout\",\"time\":\"t\"}\n" }
        try write("c-json.log", line("c"))
        try write("c-json.log.1", line("b"))
        try write("c-json.log.1.gz", "not all of it was ever written")
        try write("c-json.log.2", line("a"))
        try write("c-json.log.gz.unfinished", "half")
        let policy = try LogPolicy(driver: "local", options: [:])
        #expect(try read(policy, in: folder) == ["a", "b", "c"])
        let log = try #require(try ContainerLog(policy, id: "c", in: folder))
        log.settle()
        #expect(
            try folder.names().map { String(decoding: $0, as: UTF8.self) }.sorted()
                == ["c-json.log", "c-json.log.1.gz", "c-json.log.2.gz"]
        )
        #expect(try read(policy, in: folder) == ["a", "b", "c"])
        // Damage costs what can't be read, and nothing else.
        try write("c-json.log.3.gz", "no archive")
        #expect(try read(policy, in: folder) == ["a", "b", "c"])
    }

    /// Whoever follows sees every line, whatever is moved and compressed meanwhile.
    @Test func followersMissNothing() throws {
        let root = try TemporaryRoot()
        let folder = try root.directory()
        let policy = try LogPolicy(driver: "json-file", options: ["max-size": "400", "max-file": "100", "compress": "true"])
        let log = try #require(try ContainerLog(policy, id: "c", in: folder))
        var written = 0
        func more(_ count: Int) {
            for _ in 0..<count {
                log.write(Array("line \(written)\n".utf8)[...], .output)
                written += 1
            }
        }
        more(1)
        var query = LogQuery()
        query.follows = true
        var found: [String] = []
        try LogReader(policy, id: "c").read(
            query,
            in: folder,
            isRunning: {
                if written < 200 { more(written % 40 + 1) }
                if written % 3 == 0 { log.settle() }
                return written < 200
            },
            pause: {}
        ) {
            found.append(String(decoding: $0.bytes.dropLast(), as: UTF8.self))
            return true
        }
        log.settle()
        #expect(found == (0..<written).map { "line \($0)" })
    }

    /// The place of the log is a pipe that nobody reads: what the container says is taken at once, and what doesn't fit is
    /// dropped in whole lines.
    @Test func linesAreDroppedWhereNothingIsWritten() throws {
        let root = try TemporaryRoot()
        let folder = try root.directory()
        try folder.makeNode(PathBytes("c-json.log"), mode: 0o010600)
        let policy = try LogPolicy(driver: "json-file", options: ["mode": "non-blocking", "max-buffer-size": "4k"])
        nonisolated(unsafe) let log = try #require(try ContainerLog(policy, id: "c", in: folder))
        for index in 0..<20_000 { log.write(Array("line \(index)\n".utf8)[...], .output) }
        let reader = try folder.open("c-json.log", flags: 0o4000)
        let end = Guarded(false)
        #expect(DetachedThread.start {
            log.finish()
            end.update { $0 = true }
        })
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let isOver = end.update { $0 }
            guard let count = try? DescriptorIO.read(reader.raw, into: &buffer), count > 0 else {
                if isOver { break }
                continue
            }
            bytes += buffer[0..<count]
        }
        let records = bytes.split(separator: 0x0a)
        #expect(records.allSatisfy { LogRecord(parsing: $0) != nil })
        #expect(LogRecord(parsing: records[0])?.bytes == Array("line 0\n".utf8))
        #expect(records.count > 100 && records.count < 20_000)
    }

    @Test func attributesByExpression() throws {
        var policy = try LogPolicy(
            driver: "json-file",
            options: ["labels": "b,none", "labels-regex": "^a", "env-regex": "^FO", "env": "BAR", "tag": "{{.Name}}:{{.Command}}"]
        )
        policy.takeAttributes(
            id: "0123456789abcdef",
            name: "n",
            image: "i",
            command: ["x", "y"],
            labels: ["ab": "1", "ac": "2", "b": "3", "c": "4"],
            environment: ["FOO=1", "FOX=", "BAR=2", "BAZ=3"]
        )
        #expect(
            policy.attributes
                == ["ab": "1", "ac": "2", "b": "3", "FOO": "1", "FOX": "", "BAR": "2", "tag": "n:x y"]
        )
    }
}

/// What goes between a monitor and those who are attached, and what they type.
@Suite struct AttachTests {
    @Test func messagesComeThroughInPieces() throws {
        let frames = [MonitorFrame(.output, Array("abc".utf8)), MonitorFrame(.inputEnd), .size(rows: 24, columns: 300)]
        let bytes = frames.flatMap(\.encoded)
        var reader = FrameReader()
        var found: [MonitorFrame] = []
        for byte in bytes {
            reader.append([byte][...])
            while let frame = try reader.next() { found.append(frame) }
        }
        #expect(found == frames)
        #expect(found.last?.terminalSize?.rows == 24 && found.last?.terminalSize?.columns == 300)
        reader.append([99, 0, 0, 0, 0][...])
        #expect(throws: FrameReader.Malformed.self) { try reader.next() }
        var other = FrameReader()
        other.append([1, 0xff, 0xff, 0xff, 0x7f][...])
        #expect(throws: FrameReader.Malformed.self) { try other.next() }
    }

    @Test func keysThatLetGo() throws {
        var keys = DetachKeys.standard
        var passed: [UInt8] = []
        for (typed, sum, isComplete) in [
            ([97, 16], [97], false), ([98], [97, 16, 98], false), ([16, 16], [97, 16, 98, 16], false), ([17], [97, 16, 98, 16], true),
        ] as [([UInt8], [UInt8], Bool)] {
            #expect(keys.pass(typed[...], to: &passed) == isComplete)
            #expect(passed == sum)
        }
        // What was typed before goes to the container, what comes after to nobody.
        var (others, rest): (DetachKeys, [UInt8]) = (.standard, [])
        #expect(others.pass([97, 98, 16, 17, 99], to: &rest) && rest == [97, 98])
        var own = try DetachKeys("ctrl-a,x")
        rest = []
        #expect(!own.pass([1], to: &rest) && own.pass([120], to: &rest) && rest.isEmpty)
        for wrong in ["", "ctrl-", "ctrl-1", "ab", "a,,b"] {
            #expect(throws: PlainFailure.self, "\(wrong)") { try DetachKeys(wrong) }
        }
    }

    @Test func policiesOfRestarting() throws {
        #expect(try RestartPolicy("on-failure:3").restarts(after: 1, count: 2))
        #expect(try !RestartPolicy("on-failure:3").restarts(after: 1, count: 3))
        #expect(try !RestartPolicy("on-failure").restarts(after: 0, count: 0))
        #expect(try RestartPolicy("always").restarts(after: 0, count: 99))
        #expect(try !RestartPolicy("no").restarts(after: 1, count: 0))
        for wrong in ["sometimes", "always:3", "on-failure:x", "on-failure:-1"] {
            #expect(throws: PlainFailure.self, "\(wrong)") { try RestartPolicy(wrong) }
        }
        #expect(RestartPolicy.delay(after: 0, ranFor: 1) == 100)
        #expect(RestartPolicy.delay(after: 800, ranFor: 1) == 1_600)
        #expect(RestartPolicy.delay(after: 60_000, ranFor: 1) == 60_000)
        #expect(RestartPolicy.delay(after: 60_000, ranFor: 11_000_000_000) == 100)
    }
}
