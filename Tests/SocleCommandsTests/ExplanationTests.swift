import BuildOperations
import OCISpec
import SocleTesting
import Testing

@testable import SocleCommands

@Suite struct ExplanationTests {
    private let steps = [
        StepExplanation(step: "[build 2/6] RUN apt-get update", line: 2, outcome: .hit(from: nil)),
        StepExplanation(step: "[build 3/6] COPY . /src", line: 3, outcome: .changed([
            .file(path: "/src/main.c", .changed(["content", "mode 644 → 755"])), .file(path: "/src/new \"file\"", .added),
            .file(path: "/src/old", .removed), .moreFiles(1), .setting("owner", from: nil, to: "1000:1000"),
        ])),
        StepExplanation(step: "[build 4/6] RUN make\ninstall", line: 4, outcome: .changed([
            .command(from: "make", to: "make install"), .variable("VERSION", from: "1", to: "2"),
            .variable("NPM_TOKEN", from: "(hidden)", to: "(hidden)"), .variable("NEW", from: nil, to: ""),
            .variable("OLD", from: "x", to: nil),
            .mount(from: nil, to: "type=cache,id=/root/.cache"), .setting("network", from: "none", to: "host"),
            .rebuilt(step: "[build 3/6] COPY . /src"), .otherResult(step: "[deps 2/2] RUN x"),
            .base(
                "debian:12",
                from: "sha256:1111111111111111111111111111111111111111111111111111111111111111",
                to: "sha256:2222222222222222222222222222222222222222222222222222222222222222"
            ), .setting("text of the here-document", from: nil, to: nil),
        ])),
        StepExplanation(step: "[build 5/6] RUN new", line: 5, outcome: .new),
        StepExplanation(step: "[build 6/6] RUN lost", line: 6, outcome: .lost),
        StepExplanation(step: "[stage-1 2/3] RUN ignored", line: 8, outcome: .ignored),
        StepExplanation(step: "[stage-1 3/3] COPY --from=build /x /", line: nil, outcome: .hit(from: "local:/cache")),
        StepExplanation(step: "RUN odd", line: 9, outcome: .changed([])),
    ]

    @Test func textIsGolden() throws { try Golden.expect(ExplanationText.text(steps), "explain/steps.txt") }

    @Test func jsonIsGolden() throws {
        let lines = steps.map { ExplanationJSON.value($0).serialized() + "\n" }.joined()
        try Golden.expect(lines, "explain/steps.jsonl")
    }

    @Test func nothingIsSaidOfNothing() {
        #expect(ExplanationText.text([]) == "")
        #expect(
            ExplanationText.text([StepExplanation(step: "RUN x", line: 1, outcome: .new)]).hasPrefix(
                "Cache: 0 of 1 step cached\n"
            )
        )
    }

    @Test func longValuesAreCut() {
        let long = String(repeating: "x", count: 1000)
        #expect(ExplanationText.words(.command(from: long, to: "y")).count < 400)
    }

    @Test func theFlagHasAnOptionalValue() throws {
        func mode(_ words: String...) throws -> ExplanationMode {
            var command = BuildCommand()
            _ = try FlagParser(BuildCommand.flags).parse(words[...], into: &command)
            return command.cache.explanation
        }
        #expect(try mode(".") == .none)
        #expect(try mode("--explain", ".") == .text)
        #expect(try mode("--explain=json", ".") == .json)
        #expect(try mode("--explain=text", "--explain=false") == .none)
        #expect(throws: ArgumentError.self) { try mode("--explain=xml") }
    }
}
