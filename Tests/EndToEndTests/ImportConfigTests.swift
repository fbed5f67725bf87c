import SocleTesting
import SystemPackage
import Testing

/// The image that `import` makes, and what it says when it makes none: as Docker's.
@Suite(.requires(.all(.root, Docker.isThere)), .serialized)
struct ImportConfigTests {
    private static let image = "socle-test-import"

    private static let changes: [[String]] = [
        [#"CMD ["a", "b c"]"#], ["CMD a b  c"], ["CMD []"], ["CMD"], [#"ENTRYPOINT ["/bin/sh", "-c"]"#],
        ["ENTRYPOINT exec top"],
        ["CMD a", "ENTRYPOINT b"], ["ENTRYPOINT b", "CMD a"], ["ENV A=1 B=\"two words\" C=a\\ b"],
        ["ENV legacy the rest of it"],
        ["ENV A=1", "ENV B=$A-${A}x C=${D:-d}", "ENV A=2"], ["EXPOSE 80 443/tcp 53/udp 8000-8003"], ["EXPOSE 90:80"],
        ["LABEL a=b c.d=\"e f\"", "LABEL a=g"], ["LABEL one two"], ["ONBUILD RUN make", "ONBUILD COPY a b"],
        ["USER 1:2"],
        ["USER a", "USER b"], [#"VOLUME ["/a", "/b c"]"#], ["VOLUME /a /b"],
        ["WORKDIR /a", "WORKDIR b", "WORKDIR ../c"],
        ["HEALTHCHECK --interval=5s --timeout=1m --retries=3 CMD curl x"],
        ["HEALTHCHECK NONE"], [#"HEALTHCHECK --start-period=2s CMD ["a", "b"]"#], ["env lower=case"],
        // Not allowed, or wrong.
        ["RUN true"], ["FROM x"], ["COPY a b"], ["ADD a b"], ["SHELL [\"/bin/sh\"]"], ["ARG a"], ["MAINTAINER me"],
        ["nonsense x"], ["ENV"], ["LABEL"], ["EXPOSE"], ["EXPOSE abc"], ["EXPOSE 80/what"], ["EXPOSE 99999"], ["USER"],
        ["USER a b"],
        ["WORKDIR"], ["VOLUME"], ["VOLUME []"], ["HEALTHCHECK"],
        ["HEALTHCHECK CMD"], ["HEALTHCHECK --interval=0.1ms CMD a"],
        ["ONBUILD"], ["ONBUILD FROM x"], ["ONBUILD ONBUILD RUN x"], ["ENV A"], ["ENV =b"],
    ]

    @Test func changesAreMadeAsDockerMakesThem() throws {
        let socle = try prepared()
        defer { _ = try? Docker.run(["rmi", "-f", Self.image]) }
        for change in Self.changes {
            let words = ["import"] + change.flatMap { ["--change", $0] } + ["root.tar", Self.image]
            let ours = try socle.run(words)
            let theirs = try Docker.run(words, directory: socle.work)
            #expect(ours.status == theirs.status, "\(change): \(ours.errorText) \(theirs.errorText)")
            #expect(ours.plainError.lowercased() == theirs.plainError.lowercased(), "\(change)")
            guard ours.status == 0, theirs.status == 0 else { continue }
            let inspect = ["inspect", "-f", "{{json .Config}}", Self.image]
            #expect(try socle.run(inspect).text == Docker.run(inspect).text, "\(change)")
        }
    }

    /// Newer Dockers allow what this one refuses, and words have got better.
    @Test func whatNewerDockersAllow() throws {
        let socle = try prepared()
        try socle.output("import", "-c", "STOPSIGNAL SIGINT", "root.tar", "base")
        #expect(try socle.output("inspect", "-f", "{{.Config.StopSignal}}", "base") == "SIGINT")
        for (change, message) in [
            ("STOPSIGNAL NONSENSE", "Invalid signal: NONSENSE"),
            ("STOPSIGNAL", "STOPSIGNAL requires exactly one argument"),
            ("HEALTHCHECK --retries=-1 CMD a", "--retries cannot be negative"),
            ("HEALTHCHECK --nonsense=1 CMD a", "unknown flag: --nonsense"), ("ENV A=${B", "missing '}'"),
        ] {
            let result = try socle.run(["import", "-c", change, "root.tar", "other"])
            #expect(result.status == 1 && result.errorText.contains(message), "\(change): \(result.errorText)")
        }
        #expect(try socle.output("images", "-q", "other") == "")
    }

    @Test func messageAndPlatformAreKept() throws {
        let socle = try prepared()
        defer { _ = try? Docker.run(["rmi", "-f", Self.image]) }
        let template = "{{.Comment}}|{{.Os}}|{{.Author}}|{{.RootFS.Type}}|{{.Parent}}|{{.Size}}"
        for flags in [
            [], ["-m", "a message"], ["--message="], ["--platform", "linux"], ["--platform", "linux/arm64"],
            ["--platform", "arm64"], ["--platform", "windows/amd64"], ["--platform", "a/b/c/d"],
            ["--platform", "lin!ux"],
        ] {
            let words = ["import"] + flags + ["root.tar", Self.image]
            let ours = try socle.run(words)
            let theirs = try Docker.run(words, directory: socle.work)
            #expect((ours.status == 0) == (theirs.status == 0), "\(flags): \(ours.errorText) \(theirs.errorText)")
            guard ours.status == 0, theirs.status == 0 else { continue }
            let inspect = ["inspect", "-f", template, Self.image]
            #expect(try socle.run(inspect).text == Docker.run(inspect).text, "\(flags)")
            let history = ["history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Size}}|{{.Comment}}", Self.image]
            #expect(try socle.run(history).text == Docker.run(history).text, "\(flags)")
        }
        // This Docker forgets the architecture.
        for (platform, expected) in [
            ("linux/arm64", "linux/arm64/"), ("linux/arm/v7", "linux/arm/v7"), ("arm64", "linux/arm64/"),
        ] {
            try socle.output("import", "--platform", platform, "root.tar", "base")
            #expect(try socle.output("inspect", "-f", "{{.Os}}/{{.Architecture}}/{{.Variant}}", "base") == expected)
        }
    }

    /// The same statuses; the same words but for quotes and what newer Dockers say better.
    @Test func whatCantBeImportedIsRefusedInDockersWords() throws {
        let socle = try prepared()
        try socle.write(["folder": [:], "text": "this is not an archive\n"])
        for words in [
            ["missing.tar", "x"], ["root.tar", "UPPER"], ["root.tar", "a:b:c"], ["root.tar", "x@sha256:abc"], [],
            ["--change"],
            ["--nonsense", "root.tar"],
        ] {
            let ours = try socle.run(["import"] + words)
            let theirs = try Docker.run(["import"] + words, directory: socle.work)
            #expect(ours.status == theirs.status, "\(words): \(ours.errorText) \(theirs.errorText)")
            func plain(_ command: Command) -> String {
                let words = command.plainError.lowercased().split(separator: " (library/upper)").joined()
                return words.filter { $0 != "\"" }
            }
            #expect(plain(ours) == plain(theirs), "\(words)")
            #expect(ours.text == theirs.text, "\(words)")
        }
        for (words, message) in [(["folder", "x"], "folder"), (["text", "x"], "tar archive at byte 0")] {
            let result = try socle.run(["import"] + words)
            #expect(result.status == 1 && result.errorText.contains(message), "\(words): \(result.errorText)")
        }
        #expect(try socle.output("images", "-q") == "")
        try socle.expectNothingLeft()
    }

    @Test func nothingAtAllIsAnEmptyRoot() throws {
        // Docker takes an empty stream as an empty root file system.
        let socle = try prepared()
        try socle.write(["empty": ""])
        let ours = try socle.run(["import", "empty", Self.image])
        let theirs = try Docker.run(["import", "empty", Self.image], directory: socle.work)
        defer { _ = try? Docker.run(["rmi", "-f", Self.image]) }
        #expect(ours.status == theirs.status, "\(ours.errorText) \(theirs.errorText)")
    }

    private func prepared() throws -> Socle {
        let socle = try Socle()
        try socle.shell("echo text > file; tar --mtime @1500000000 -cf root.tar file").succeeding()
        return socle
    }
}
