import DockerfileSyntax
import Reporting
import Testing

@Suite struct OptionTests {
    private static func mount(_ text: String) throws -> MountOptions {
        try MountOptions(parsing: text, expand: { $0.replacing("$X", with: "expanded") })
    }

    @Test func mountsHaveDefaults() throws {
        let bind = try Self.mount("target=/x")
        #expect(bind.kind == .bind && bind.isReadOnly && bind.target == "/x" && bind.from == nil)
        #expect(try !Self.mount("target=/x,rw").isReadOnly)
        #expect(try !Self.mount("type=cache,target=/x").isReadOnly)
        #expect(try Self.mount("type=cache,target=/x,ro=true").isReadOnly)
        #expect(try Self.mount("type=tmpfs,target=/x,size=64m").size == 64 << 20)
        #expect(try Self.mount("type=secret,id=a,required").isRequired)
        #expect(try Self.mount("TYPE=Cache,dst=/$X,sharing=LOCKED").target == "/expanded")
        #expect(try Self.mount("type=cache,\"target=/a,b\"").target == "/a,b")
    }

    @Test(arguments: [
        ("80", ["80/tcp"]), ("80/udp", ["80/udp"]), ("80/TCP", ["80/tcp"]),
        ("1-3/sctp", ["1/sctp", "2/sctp", "3/sctp"]),
        ("8080:80", ["80/tcp"]), ("127.0.0.1:1:2/udp", ["2/udp"]), ("0", ["0/tcp"]), ("65535", ["65535/tcp"]),
    ])
    func portsAreNormalised(_ text: String, _ ports: [String]) throws {
        #expect(try PortSpecification(text).ports == ports)
    }

    @Test(arguments: ["", "/tcp", "x", "80/x", "65536", "3-1", "-1", "1-", "80/tcp/udp", "+80", "8 0"])
    func whatIsNoPortIsRefused(_ text: String) {
        #expect(throws: PlainFailure.self) { try PortSpecification(text) }
    }

    @Test(arguments: [
        ("0", 0), ("64", 64), ("1k", 1024), ("1kb", 1024), ("1KiB", 1024), ("1.5m", 1_572_864), ("2 g", 2 << 30),
        ("1b", 1), ("", nil), ("x", nil), ("1x", nil), (".5k", nil), ("99999999999p", nil), ("1kk", nil),
    ])
    func sizesHaveUnits(_ text: String, _ bytes: Int64?) {
        #expect(ByteSize.bytes(text) == bytes)
    }

    @Test func changesAreReadOneByOne() throws {
        let instruction = try #require(try Instruction.changes("CMD [\"sh\"]").first)
        guard case .cmd(let command) = instruction.kind else {
            Issue.record("not a CMD")
            return
        }
        #expect(command.form == .exec(["sh"]))
        #expect(command.range.start.column == 5 && command.range.end.column == 11)
        #expect(try Instruction.changes("env A=b").map(\.name) == ["ENV"])
        #expect(try Instruction.changes("ONBUILD RUN x").map(\.name) == ["ONBUILD"])
        for name in ["RUN x", "COPY a b", "FROM x", "ARG a", "SHELL [\"x\"]", "MAINTAINER m"] {
            let error = #expect(throws: DiagnosticsError.self) { try Instruction.changes(name) }
            #expect(error?.description == "\(name.prefix { $0 != " " }) is not a valid change command")
        }
        #expect(try Instruction.changes("ENV a=1\n\nCMD b").map(\.name) == ["ENV", "CMD"])
        #expect(throws: DiagnosticsError.self) { try Instruction.changes("CMD a\nRUN b") }
        #expect(throws: DiagnosticsError.self) { try Instruction.changes("") }
        let unknown = #expect(throws: DiagnosticsError.self) { try Instruction.changes("CMDD a") }
        #expect(unknown?.description == "CMDD is not a valid change command")
    }

    @Test func rulesHavePages() {
        #expect(LintRule.jsonArgsRecommended.url == "https://docs.docker.com/go/dockerfile/rule/json-args-recommended/")
        #expect(LintRule.fromAsCasing.url == "https://docs.docker.com/go/dockerfile/rule/from-as-casing/")
        #expect(Set(LintRule.all.map(\.name)).count == 22)
    }

    @Test func checksCanBeSet() throws {
        let settings = try CheckSettings(parsing: "skip=StageNameCasing, FromAsCasing;error=T;experimental=all")
        #expect(settings.skipped == ["StageNameCasing", "FromAsCasing"] && settings.isError)
        #expect(!settings.allows(.stageNameCasing) && settings.allows(.undefinedVar))
        #expect(settings.allows(.invalidDefinitionDescription))
        #expect(!CheckSettings().allows(.invalidDefinitionDescription))
        let all = try CheckSettings(parsing: "skip=all;experimental=InvalidDefinitionDescription")
        #expect(!all.allows(.undefinedVar) && all.allows(.invalidDefinitionDescription) && !all.isError)
        for wrong in ["skip", "loud=true", "error=perhaps"] {
            #expect(throws: PlainFailure.self) { try CheckSettings(parsing: wrong) }
        }
    }
}

@Suite struct DockerfileTests {
    @Test func placesAreExactAcrossContinuations() throws {
        let dockerfile = try Dockerfile(parsing: "FROM scratch\n  COPY a \\\n# comment\n   b --x /dest\n")
        guard case .copy(let copy) = dockerfile.stages[0].instructions[0].kind else {
            Issue.record("not a COPY")
            return
        }
        #expect(
            copy.sources.map(\.range.start) == [
                .init(line: 2, column: 8), .init(line: 4, column: 4), .init(line: 4, column: 6),
            ]
        )
        #expect(
            copy.destination.range == SourceRange(start: .init(line: 4, column: 10), end: .init(line: 4, column: 15))
        )
    }

    @Test func allErrorsAreTold() {
        let error = #expect(throws: DiagnosticsError.self) {
            try Dockerfile(parsing: "FROM a b\nRUNN x\nENV a\nCOPY\n")
        }
        #expect(error?.diagnostics.count == 4)
        #expect(error?.kind == .invalidArgument)
    }

    @Test func excerptsShowTheSurroundings() {
        let text = "FROM busybox\nFNTRYPOINT foo\n"
        let place = SourcePosition(line: 2)
        let excerpt = SourceExcerpt(of: Array(text.utf8)).render([SourceRange(start: place, end: place)])
        #expect(
            excerpt == """
                Dockerfile:2
                --------------------
                   1 |     FROM busybox
                   2 | >>> FNTRYPOINT foo
                --------------------
                """
        )
    }

    @Test func excerptsOfSeveralLinesHaveFewerAround() {
        let text = "FROM a\nRUN b\nRUN c \\\n d\nRUN e\nRUN f\n"
        let range = SourceRange(start: SourcePosition(line: 3), end: SourcePosition(line: 4, column: 3))
        #expect(
            SourceExcerpt(of: Array(text.utf8), file: "other").render([range]) == """
                other:3
                --------------------
                   2 |     RUN b
                   3 | >>> RUN c \\
                   4 | >>>  d
                   5 |     RUN e
                --------------------
                """
        )
        let outside = SourcePosition(line: 9)
        #expect(SourceExcerpt(of: Array(text.utf8)).render([SourceRange(start: outside, end: outside)]) == nil)
    }

    @Test func excerptsHideControlCharacters() {
        let place = SourcePosition(line: 1)
        let excerpt = SourceExcerpt(of: Array("RUN \u{1B}[31m\u{7}x".utf8)).render([
            SourceRange(start: place, end: place)
        ])
        #expect(excerpt?.contains("\u{1B}") == false)
    }

    @Test func limitsHold() {
        #expect(throws: DiagnosticsError.self) {
            try Dockerfile(parsing: [UInt8](repeating: 0x20, count: Dockerfile.maximumSize + 1))
        }
        #expect(throws: DiagnosticsError.self) { try Dockerfile(parsing: String(repeating: "FROM a\n", count: 1001)) }
    }

    @Test func stagesAreFound() throws {
        let dockerfile = try Dockerfile(parsing: "FROM a AS One\nFROM b AS one\nFROM c\n")
        #expect(dockerfile.reference("ONE") == .stage(index: 1))
        #expect(dockerfile.reference("0") == .stage(index: 0))
        #expect(dockerfile.reference("3") == .invalidIndex(3))
        #expect(dockerfile.reference("image:tag") == .other("image:tag"))
        #expect(dockerfile.stages[2].displayName == "stage-2")
    }
}
