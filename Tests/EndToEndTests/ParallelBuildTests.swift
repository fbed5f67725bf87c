import SocleTesting
import SystemPackage
import Testing

/// Steps that don't need each other run at the same time; a failure ends them all.
///
/// Nothing here looks at a clock: stages wait for each other through a cache mount that they share.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct ParallelBuildTests {
    /// Waits for a file of the shared folder; gives up after a minute, so that a mistake doesn't hang.
    private static func wait(for names: String...) -> String {
        let isThere = names.map { "[ -e /meet/\($0) ]" }.joined(separator: " && ")
        return "n=0; until \(isThere); do n=$((n+1)); [ $n -lt 1200 ] || exit 9; sleep 0.05; done"
    }

    private func build(_ dockerfile: String, _ socle: borrowing Socle, _ arguments: String...) throws -> Command {
        try socle.write(["Dockerfile": .file(Array(dockerfile.utf8))])
        return try socle.run(["build", "--progress", "plain"] + arguments + ["."])
    }

    private static let shared = "RUN --mount=type=cache,target=/meet"

    @Test func independentStagesMeet() throws {
        let socle = try Socle.withBase()
        let names = ["a", "b", "c", "d", "e"]
        let all = Self.wait(for: "a", "b", "c", "d", "e")
        var text = names.map { "FROM base AS \($0)\n\(Self.shared) touch /meet/\($0); \(all); echo \($0) > /\($0)\n" }
            .joined()
        text += "FROM scratch\n" + names.map { "COPY --from=\($0) /\($0) /\n" }.joined()
        let result = try build(text, socle)
        #expect(result.status == 0, "\(result.errorText)")
        try socle.expectNothingLeft()
    }

    @Test func aFailureEndsWhatIsAtWork() throws {
        let socle = try Socle.withBase()
        let result = try build(
            """
            FROM base AS long
            \(Self.shared) touch /meet/long; while :; do sleep 1; done
            FROM base AS bad
            \(Self.shared) \(Self.wait(for: "long")); echo going wrong; exit 7
            FROM base AS never
            COPY --from=long /x /
            RUN echo never
            FROM scratch
            COPY --from=long /x /
            COPY --from=never /x /
            COPY --from=bad /x /
            """,
            socle
        )
        #expect(result.status == 1)
        #expect(result.errorText.contains("did not complete successfully: exit code: 7"), "\(result.errorText)")
        #expect(result.errorText.contains("CANCELED"), "\(result.errorText)")
        #expect(!result.errorText.contains("echo never\n#"), "\(result.errorText)")
        // The failure is told once, and nothing else is called an error.
        #expect(result.errorText.split(separator: "ERROR: failed to build").count == 2, "\(result.errorText)")
        try socle.expectNothingLeft()
    }

    @Test func stagesThatSayTheSameAreBuiltOnce() throws {
        let socle = try Socle.withBase()
        let result = try build(
            """
            FROM base AS one
            RUN cat /proc/sys/kernel/random/uuid > /id
            FROM base AS two
            RUN cat /proc/sys/kernel/random/uuid > /id
            FROM base
            COPY --from=one /id /1
            COPY --from=two /id /2
            RUN cmp /1 /2
            """,
            socle
        )
        #expect(result.status == 0, "\(result.errorText)")
    }

    @Test func twoBuildsDoAStepOnce() throws {
        let socle = try Socle.withBase()
        try socle.write([
            "Dockerfile": .file(
                Array(
                    """
                    FROM base
                    \(Self.shared) touch /meet/started; \(Self.wait(for: "go")); cat /proc/sys/kernel/random/uuid > /id
                    """.utf8
                )
            )
        ])
        // The second begins while the first is at the step, and waits for it.
        let script = """
            set -e
            socle build -q . > first & one=$!
            until folder=$(ls -d "$SOCLE_ROOT"/cache-mounts/*/0) && [ -e $folder/started ]; do sleep 0.05; done 2>/dev/null
            socle build -q . > second & two=$!
            sleep 0.5
            touch $folder/go
            wait $one; wait $two
            cmp first second
            """
        #expect(try socle.shell(script).status == 0)
        try socle.expectNothingLeft()
    }
}
