import OCISpec
import Reporting
import Testing

@testable import SocleCommands

/// The documents of `--progress rawjson`.
struct StatusProgressTests {
    static func lines(_ events: [(ProgressEvent, Double)]) throws -> [JSONValue] {
        var renderer = StatusProgress(epoch: Timestamp(epochSeconds: 1_700_000_000))
        let timed = events.map { (event: $0.0, time: Duration.seconds($0.1)) }
        let text = renderer.render(timed, now: .zero) + renderer.finish(now: .zero)
        return try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    }

    @Test func aStepFromItsBeginToItsEnd() throws {
        let lines = try Self.lines([
            (.started(3, title: "[1/2] RUN make"), 0), (.log(3, bytes: Array("hi\n".utf8), stream: .error), 0.5),
            (.part(3, .init("copying", done: 5, total: 10)), 1), (.finished(3, .cached), 2),
        ])
        let digest = try #require(lines[0]["vertexes"]?.elements?.first?["digest"]?.text)
        #expect(digest.hasPrefix("sha256:") && digest.count == 71)
        #expect(
            lines[0].serialized()
                == #"{"vertexes":[{"digest":"\#(digest)","name":"[1/2] RUN make","started":"2023-11-14T22:13:20Z"}]}"#
        )
        #expect(
            lines[1].serialized()
                == #"{"logs":[{"vertex":"\#(digest)","stream":2,"data":"aGkK","timestamp":"2023-11-14T22:13:20.5Z"}]}"#
        )
        #expect(
            lines[2].serialized() == #"{"statuses":[{"id":"copying","vertex":"\#(digest)","total":10,"current":5,"#
                + #""timestamp":"2023-11-14T22:13:21Z","started":"2023-11-14T22:13:21Z"}]}"#
        )
        #expect(
            lines[3].serialized() == #"{"vertexes":[{"digest":"\#(digest)","name":"[1/2] RUN make","#
                + #""started":"2023-11-14T22:13:20Z","completed":"2023-11-14T22:13:22Z","cached":true}]}"#
        )
    }

    @Test func failuresAndWarnings() throws {
        let place = SourcePosition(line: 3)
        let warning = Diagnostic(
            .warning,
            rule: "StageNameCasing",
            "Stage name 'A' should be lowercase",
            ranges: [SourceRange(start: place, end: place)],
            url: "https://example.org/"
        )
        let lines = try Self.lines([
            (.started(1, title: "a"), 0), (.finished(1, .failed("exit code: 1")), 1), (.started(2, title: "b"), 0),
            (.finished(2, .cancelled), 1), (.warning(warning), 1), (.note("nothing for programs"), 1),
        ])
        #expect(lines.count == 5)
        #expect(lines[1]["vertexes"]?.elements?.first?["error"]?.text == "exit code: 1")
        #expect(lines[3]["vertexes"]?.elements?.first?["error"]?.text == "context canceled")
        let told = try #require(lines[4]["warnings"]?.elements?.first)
        #expect(
            told["short"]?.text
                == Base64.text(Array("StageNameCasing: Stage name 'A' should be lowercase (line 3)".utf8))
        )
        #expect(told["range"]?.serialized() == #"[{"start":{"line":3},"end":{"line":3}}]"#)
    }

    @Test func base64() {
        let samples = ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE="]
        for (plain, coded) in samples { #expect(Base64.text(Array(plain.utf8)) == coded) }
        #expect(Base64.text([0xff, 0xfe, 0xfd]) == "//79")
    }
}
