import SocleTesting
import SystemPackage
import Testing

/// `build --explain`: what every step was, and why it was built again.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct CacheExplainTests {
    private static let dockerfile = """
        FROM base AS build
        ARG VERSION=1
        ARG API_TOKEN=none
        COPY src /src
        RUN cat /src/a > /out; echo $VERSION > /v
        FROM base
        COPY --from=build /out /v /
        RUN cat /out /v > /both
        """

    private func prepared() throws -> Socle {
        let socle = try Socle.withBase()
        try socle.write(["Dockerfile": .file(Array(Self.dockerfile.utf8)), "src": ["a": "one", "b": "two"]])
        return socle
    }

    @discardableResult
    private func explained(_ socle: borrowing Socle, _ arguments: String...) throws -> String {
        let result = try socle.run(["build", "-q", "--explain"] + arguments + ["."])
        #expect(result.status == 0, "\(result.errorText)")
        return result.errorText
    }

    @Test func nothingIsSaidUnlessItIsAsked() throws {
        let socle = try prepared()
        #expect(try socle.run(["build", "-q", "."]).errorText == "")
        #expect(try explained(socle).hasPrefix("Cache: 4 of 4 steps cached\n"))
    }

    @Test func theFirstBuildHasNothingBeforeIt() throws {
        let socle = try prepared()
        let text = try explained(socle)
        #expect(text.hasPrefix("Cache: 0 of 4 steps cached\n"))
        #expect(text.contains(" [build 2/3] COPY src /src: built, nothing like it was built before\n"), "\(text)")
    }

    @Test func filesAreNamedAndWhatFollowsIsBlamedOnThem() throws {
        let socle = try prepared()
        try explained(socle)
        try Command.output(of: "sh", ["-c", "echo three > src/a; rm src/b; echo x > src/c"], directory: socle.work)
        let text = try explained(socle)
        #expect(
            text.contains(
                """
                 [build 2/3] COPY src /src: built, because
                   - "/src/a" changed: content
                   - "/src/b" is gone
                   - "/src/c" is new
                 [build 3/3] RUN cat /src/a > /out; echo 1 > /v: built, because
                   - step [build 2/3] COPY src /src was built again
                 [stage-1 2/3] COPY --from=build /out /v /: built, because
                   - "/out" changed: content
                 [stage-1 3/3] RUN cat /out /v > /both: built, because
                   - step [stage-1 2/3] COPY --from=build /out /v / was built again

                """
            ),
            "\(text)"
        )
        try Command.output(of: "chmod", ["755", "src/a"], directory: socle.work)
        #expect(try explained(socle).contains("   - \"/src/a\" changed: mode 644 → 755\n"))
    }

    @Test func argumentsAreNamedAndSecretsAreNot() throws {
        let socle = try prepared()
        try explained(socle)
        let text = try explained(socle, "--build-arg", "VERSION=2", "--build-arg", "API_TOKEN=hunter2")
        #expect(text.contains(" [build 2/3] COPY src /src: cached\n"), "\(text)")
        #expect(text.contains("   - variable VERSION changed: \"1\" → \"2\"\n"), "\(text)")
        #expect(text.contains("   - variable API_TOKEN changed: \"(hidden)\" → \"(hidden)\"\n"), "\(text)")
        #expect(!text.contains("hunter2"))
        // A step that stands where another stood is compared with it; one that was put in between isn't.
        let changed = Self.dockerfile.replacing("cat /out /v > /both", with: "cat /v /out > /both")
        try socle.write(["Dockerfile": .file(Array(changed.utf8))])
        let second = try explained(socle)
        #expect(
            second.contains("   - the command changed: \"cat /out /v > /both\" → \"cat /v /out > /both\"\n"),
            "\(second)"
        )
        let inserted = changed.replacing("RUN cat /src/a", with: "RUN true\nRUN cat /src/a")
        try socle.write(["Dockerfile": .file(Array(inserted.utf8))])
        let third = try explained(socle)
        #expect(third.contains("] RUN true: built, nothing like it was built before\n"), "\(third)")
        #expect(third.contains("   - step [build 3/4] RUN true was built again\n"), "\(third)")
    }

    @Test func basesNetworksAndFlagsAreNamed() throws {
        let socle = try prepared()
        try socle.write(["Dockerfile": "FROM base\nRUN echo x > /x\n"])
        try explained(socle)
        #expect(try explained(socle, "--network", "none").contains("   - network is new: \"none\"\n"))
        #expect(try explained(socle, "--no-cache").contains(": built, the cache was not to be used\n"))
        try socle.write(["Dockerfile": "FROM base AS one\nRUN echo x > /x\nFROM one\nRUN echo y > /y\n"])
        try explained(socle)
        let filtered = try explained(socle, "--no-cache-filter", "one")
        #expect(filtered.contains(" [one 2/2] RUN echo x > /x: built, the cache was not to be used\n"), "\(filtered)")
        #expect(!filtered.contains("RUN echo y > /y: built, the cache was not to be used\n"), "\(filtered)")
        try socle.write(["Dockerfile": "FROM base\nRUN echo x > /x\n", "Basefile": "FROM base\nRUN echo new > /new\n"])
        try socle.output("build", "-q", "-f", "Basefile", "-t", "base", ".")
        #expect(try explained(socle).contains("   - the base image base:latest is new: \"sha256:"))
    }

    @Test func aFilterThatNamesNoStageIsNoticed() throws {
        let socle = try prepared()
        let result = try socle.run(["build", "--progress", "plain", "--no-cache-filter", "biuld,stage-1", "."])
        #expect(result.status == 0)
        #expect(
            result.errorText.contains("--no-cache-filter names \"biuld\", which is no stage (did you mean build?)"),
            "\(result.errorText)"
        )
    }

    @Test func jsonIsForPrograms() throws {
        let socle = try prepared()
        try socle.output("build", "-q", ".")
        try socle.write(["src": ["a": "changed"]])
        let result = try socle.run(["build", "--progress", "plain", "--explain=json", "."])
        let lines = result.text.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(
            lines.first == """
                {"step":"[build 2/3] COPY src /src","line":4,"cached":false,"reason":"changed","changes":\
                [{"kind":"file","name":"/src/a","change":"changed","aspects":["content"]}]}
                """,
            "\(result.text)"
        )
    }

    @Test func aFailedBuildIsExplainedToo() throws {
        let socle = try prepared()
        try socle.write(["Dockerfile": "FROM base\nRUN true\nRUN exit 3\n"])
        let result = try socle.run(["build", "-q", "--explain", "."])
        #expect(result.status == 1)
        #expect(
            result.errorText.contains(" [3/3] RUN exit 3: built, nothing like it was built before\n"),
            "\(result.errorText)"
        )
    }
}

extension String {
    fileprivate func replacing(_ text: String, with other: String) -> String {
        split(separator: text, omittingEmptySubsequences: false).joined(separator: other)
    }
}
