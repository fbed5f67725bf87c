import SocleTesting
import SystemPackage
import Testing

/// `builder du`, `builder prune` and the line of `system df`.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct BuilderPruneTests {
    /// A store with an image `app` of two steps, and two steps of a stage that no image has.
    private func prepared() throws -> Socle {
        let socle = try Socle.withBase()
        try socle.write([
            "Dockerfile": """
            FROM base AS build
            RUN head -c 3000000 /dev/zero > /three
            RUN head -c 5000000 /dev/zero > /five
            FROM base
            COPY --from=build /five /
            RUN echo x > /x
            """
        ])
        try socle.output("build", "-q", "-t", "app", ".")
        return socle
    }

    private func rows(_ socle: borrowing Socle, _ arguments: String...) throws -> [String] {
        let format = "{{.Description}}|{{.Reclaimable}}|{{.Shared}}|{{.Type}}"
        let text = try socle.run(["builder", "du", "--format", format] + arguments).succeeding()
        return text.split(separator: "\n").map(String.init).sorted()
    }

    @Test func usageIsListed() throws {
        let socle = try prepared()
        #expect(
            try rows(socle) == [
                "COPY --from=build /five /|false|true|regular", "RUN echo x > /x|false|true|regular",
                "RUN head -c 3000000 /dev/zero > /three|true|false|regular",
                "RUN head -c 5000000 /dev/zero > /five|true|false|regular",
            ]
        )
        #expect(try rows(socle, "--filter", "shared").count == 2)
        #expect(try rows(socle, "--filter", "unused-for=1h").isEmpty)
        #expect(try rows(socle, "--filter", "type=source.http").isEmpty)
        let table = try socle.output("buildx", "du")
        #expect(table.hasPrefix("ID "))
        #expect(table.contains("RECLAIMABLE   SIZE"), "\(table)")
        #expect(table.contains("\nShared:") && table.contains("\nPrivate:") && table.contains("\nReclaimable:"))
        let details = try socle.output("builder", "du", "--verbose")
        #expect(details.contains("\nDescription:  RUN echo x > /x\n"), "\(details)")
        // Both ways say the same of the size: the layers and the trees that only the cache has.
        let total = try #require(table.split(separator: "\n").first { $0.hasPrefix("Reclaimable:") })
        let size = try #require(total.split(separator: " ").last)
        #expect(try socle.output("system", "df", "--format", "{{.Type}}|{{.TotalCount}}").contains("Build Cache|4"))
        let reclaimable = try socle.output("system", "df", "--format", "{{.Reclaimable}}").split(separator: "\n").last
        #expect(reclaimable?.first == size.first, "\(reclaimable ?? ""), \(size)")
    }

    /// What a killed build leaves is no obstacle, and goes with the rest; what somebody still holds stays.
    @Test(arguments: ["builder prune -f", "system prune -f", "image prune -f"]) func pruningTakesWhatAKilledBuildLeft(_ verb: String) throws {
        let socle = try prepared()
        let result = try socle.shell("""
            printf 'FROM base\nRUN --network=none echo ready; sleep 98763\n' > Dockerfile; "$SOCLE" build --progress plain . > log 2>&1 & build=$!
            until grep -q ' ready' log 2> /dev/null; do sleep 0.05; done; kill -9 $build; wait $build 2> /dev/null
            mkdir $SOCLE_ROOT/tmp/upper-held; exec 9< $SOCLE_ROOT/tmp/upper-held; flock 9
            ls $SOCLE_ROOT/tmp | wc -l; socle system df > /dev/null; socle system df -v > /dev/null; socle system check | grep -o 'all sound'
            socle \(verb) > /dev/null; ls $SOCLE_ROOT/tmp; exec 9<&-
            socle \(verb) > /dev/null; ls $SOCLE_ROOT/tmp; pgrep -ax sleep | grep 98763
            """)
        #expect(result.text == "2\nall sound\nupper-held\n" && result.errorText == "", "\(result.text)\(result.errorText)")
        try socle.expectNothingLeft()
    }

    @Test func pruningKeepsWhatImagesHave() throws {
        let socle = try prepared()
        let blobs = "ls '\(socle.store)'/blobs/sha256 '\(socle.store)'/trees | wc -l"
        let before = try Command.run("sh", ["-c", blobs]).succeeding()
        let declined = try socle.run(["builder", "prune"], input: Array("n\n".utf8))
        #expect(declined.status == 0)
        #expect(
            declined.text
                == "WARNING! This will remove all dangling build cache. Are you sure you want to continue? [y/N] "
        )
        #expect(try Command.run("sh", ["-c", blobs]).succeeding() == before)
        let pruned = try socle.run(["builder", "prune"], input: Array("y\n".utf8))
        #expect(pruned.text.contains("\nTotal:\t16"), "\(pruned.text)")
        #expect(try rows(socle).count == 2)
        #expect(try Int(Command.run("sh", ["-c", blobs]).succeeding()) ?? 0 < Int(before) ?? 0)
        #expect(try socle.output("run", "--rm", "app", "cat", "/x") == "x")
        #expect(try socle.output("builder", "prune", "-af").hasSuffix("Total:\t0B"))
        #expect(try rows(socle).isEmpty)
        #expect(try socle.output("run", "--rm", "app", "cat", "/x") == "x")
        #expect(try socle.output("system", "check").contains("all sound"))
        try socle.output("build", "-q", "-t", "app", ".")
        try socle.expectNothingLeft()
    }

    @Test func removedImagesStayInTheCacheUntilItIsPruned() throws {
        let socle = try prepared()
        try socle.output("rmi", "app")
        #expect(try socle.run(["build", "-q", "--explain", "."]).errorText.hasPrefix("Cache: 4 of 4"))
        let id = try socle.output("images", "-q", "-f", "dangling=true")
        try socle.output("rmi", id)
        #expect(try rows(socle).allSatisfy { $0.contains("|true|false|") })
        try socle.output("builder", "prune", "-f")
        #expect(try rows(socle).isEmpty)
        #expect(try socle.run(["build", "-q", "--explain", "."]).errorText.hasPrefix("Cache: 0 of 4"))
    }

    @Test func someSpaceCanBeKept() throws {
        let socle = try prepared()
        // The longest unused goes first: 3 MB as a layer and as a tree.
        let pruned = try socle.output("builder", "prune", "-f", "--keep-storage", "12MB")
        #expect(pruned.split(separator: "\n").count == 3, "\(pruned)")
        #expect(try rows(socle).contains { $0.hasPrefix("RUN head -c 5000000") })
        #expect(try !rows(socle).contains { $0.hasPrefix("RUN head -c 3000000") })
        #expect(try socle.output("builder", "prune", "-f", "--keep-storage", "12MB") == "Total:\t0B")
        #expect(try socle.output("builder", "prune", "-f", "--filter", "until=1h") == "Total:\t0B")
        let wrong = try socle.run(["builder", "prune", "-f", "--filter", "nope=1"])
        #expect(wrong.status == 125)
        #expect(wrong.errorText.contains("invalid filter 'nope'"), "\(wrong.errorText)")
    }

    @Test func aRunningBuildKeepsWhatItHas() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": """
            FROM base AS build
            RUN head -c 3000000 /dev/zero > /three
            RUN echo new > /new
            RUN --mount=type=cache,target=/c touch /c/started; n=0; until [ -e /c/go ]; do \
            n=$((n+1)); [ $n -lt 1200 ] || exit 9; sleep 0.05; done; cat /new > /newer
            RUN cat /three /new /newer > /all
            """
        ])
        // Steps that were known, steps that were just built: all are in use while the build goes on.
        let script = """
            set -e
            socle build -q -t while . & build=$!
            until folder=$(ls -d "$SOCLE_ROOT"/cache-mounts/*/0) && [ -e $folder/started ]; do sleep 0.05; done 2>/dev/null
            socle builder du --filter inuse --format '{{.Description}}' | sort
            socle builder prune -af > pruned
            touch $folder/go
            wait $build
            socle run --rm while wc -c /all
            """
        let result = try socle.shell(script)
        #expect(result.status == 0, "\(result.errorText)")
        #expect(result.text.contains("RUN echo new > /new\nRUN head -c 3000000 /dev/zero > /three\n"), "\(result.text)")
        #expect(result.text.contains("3000008 /all"), "\(result.text)")
        #expect(try socle.output("system", "check").contains("all sound"))
        try socle.expectNothingLeft()
    }
}
