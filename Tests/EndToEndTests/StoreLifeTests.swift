import SocleTesting
import SystemPackage
import Testing

/// The life of a store: what is freed is freed wholly, nothing goes that somebody works with, and what dies leaves no damage.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct StoreLifeTests {
    private func prepared() throws -> Socle {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base:1")
        try socle.write([
            "ctx": [
                "Dockerfile": """
                FROM base:1
                COPY f /f
                RUN cat /proc/sys/kernel/random/uuid > /r; mkdir /d; cat /f > /d/f
                RUN rm /f
                """, "f": "from the context",
            ]
        ])
        return socle
    }

    @Test func diskUsageIsWhatTheDiskSays() throws {
        let socle = try prepared()
        try socle.output("build", "-q", "-t", "built", "ctx")
        try socle.output(
            "run",
            "--name",
            "box",
            "-v",
            "/data",
            "built",
            "sh",
            "-c",
            "echo 12345 > /x; echo 123 > /data/y"
        )
        let format = "{{range .Store}}{{.Name}} {{.Bytes}}\n{{end}}"
        let parts = try socle.output("system", "df", "-v", "--format", format).split(separator: "\n")
        let told = Dictionary(uniqueKeysWithValues: parts.map { $0.split(separator: " ") }.map { ($0[0], $0[1]) })
        for name in ["blobs", "trees", "containers", "volumes"] {
            let size = try socle.shell("du -s --block-size=1 \"$SOCLE_ROOT/\(name)\" | cut -f1").succeeding()
            #expect(told[name[...]] == size[...], "\(name)")
        }
        let sizes = "{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}"
        let rows = try socle.output("system", "df", "--format", sizes).split(separator: "\n")
        #expect(rows[1] == "Containers 1 0 6B 6B (100%)")
        #expect(rows[2] == "Local Volumes 1 1 4B 0B (0%)")
        // Shared and own sizes come to the whole.
        let images = "{{range .Images}}{{.SharedSize}} {{.UniqueSize}}\n{{end}}"
        #expect(try socle.output("system", "df", "-v", "--format", images).contains(" 69B"))
    }

    @Test func pruneFreesEverything() throws {
        let socle = try prepared()
        try socle.output("build", "-q", "-t", "built", "ctx")
        try socle.output("run", "--name", "box", "-v", "/data", "built", "true")
        let warned = try socle.run(["system", "prune", "-a", "--volumes"], input: Array("n\n".utf8))
        #expect(warned.status == 0)
        #expect(
            warned.text == """
                WARNING! This will remove:
                  - all stopped containers
                  - all networks not used by at least one container
                  - all anonymous volumes not used by at least one container
                  - all images without at least one container associated to them
                  - all build cache

                Are you sure you want to continue? [y/N] 
                """
        )
        #expect(try socle.output("ps", "-aq") != "")
        let pruned = try socle.output("system", "prune", "-af", "--volumes")
        for title in ["Containers", "Volumes", "Images", "build cache objects"] {
            #expect(pruned.contains("Deleted \(title):\n"), "\(pruned)")
        }
        #expect(pruned.contains("\n\nTotal reclaimed space: "))
        let left = try socle.shell(
            "cd \"$SOCLE_ROOT\"; ls blobs/sha256 trees volumes tmp indexes 2>/dev/null | grep -v : | xargs"
        )
        #expect(try left.succeeding() == "")
        #expect(try socle.output("system", "prune", "-af", "--volumes") == "Total reclaimed space: 0B")
    }

    @Test func filtersSpareWhatHasNone() throws {
        let socle = try prepared()
        try socle.output("build", "-q", "-t", "built", "ctx")
        try socle.output("run", "--name", "plain", "built", "true")
        try socle.output("run", "--name", "labelled", "-l", "mine=1", "base:1", "true")
        let pruned = try socle.output("system", "prune", "-f", "--filter", "label=mine")
        #expect(pruned.hasPrefix("Deleted Containers:\n") && !pruned.contains("cache"))
        #expect(try socle.output("ps", "-a", "--format", "{{.Names}}") == "plain")
        let refused = try socle.run(["system", "prune", "-f", "--volumes", "--filter", "until=1h"])
        #expect(refused.status == 1 && refused.errorText.contains("not supported with \"--volumes\""))
        #expect(try socle.output("container", "prune", "-f", "--filter", "until=1h") == "Total reclaimed space: 0B")
        #expect(try socle.output("container", "prune", "-f").hasPrefix("Deleted Containers:\n"))
    }

    /// Several build, load, save, run and prune at once; an image may be gone when it is asked for, and nothing else goes wrong.
    @Test func nothingGoesThatIsWorkedWith() throws {
        let socle = try prepared()
        let script = """
            socle save -o base.tar base:1; socle run --name keeper base:1 true
            tell() { case "$2" in *"No such image"*) ;; *) echo "$1: $2" >> errors;; esac; }
            build() {
                for i in 1 2 3 4 5 6; do
                    cp -r ctx ctx$1; echo "$1 $i" > ctx$1/f
                    out=$(socle build -q -t built:$1 ctx$1 2>&1) || tell build "$out"
                    out=$(socle run --pull never --rm built:$1 cat /d/f 2>&1) || tell run "$out"
                    out=$(socle image export built:$1 2>&1 >/dev/null) || tell export "$out"
                done
            }
            load() {
                for i in 1 2 3 4 5 6; do
                    out=$(socle load -i base.tar 2>&1) || tell load "$out"
                    out=$(socle save base:1 2>&1 >/dev/null) || tell save "$out"
                    out=$(socle import busybox.tar in:$1 2>&1) || tell import "$out"
                    out=$(socle image squash in:$1 2>&1) || tell squash "$out"
                    socle rmi in:$1 >/dev/null 2>&1
                done
            }
            prune() {
                while [ ! -e stop ]; do
                    out=$(socle image prune -af 2>&1) || tell prune "$out"
                    out=$(socle builder prune -af 2>&1) || tell cache "$out"
                    out=$(socle system prune -af --volumes --filter label=none 2>&1) || tell system "$out"
                    out=$(socle system df -v 2>&1) || tell df "$out"
                done
            }
            build 1 & first=$!; build 2 & second=$!; load 3 & third=$!; prune & fourth=$!; prune & fifth=$!
            wait $first $second $third; touch stop; wait $fourth $fifth
            cat errors 2>/dev/null
            socle system check
            socle image validate $(socle images -q) > report || cat report
            """
        let result = try socle.shell(script)
        #expect(
            result.text.hasSuffix("all sound\n") && result.text.split(separator: "\n").count == 1,
            "\(result.summary)"
        )
        #expect(try socle.output("run", "--rm", "base:1", "echo", "there") == "there")
    }

    /// Wherever a prune is killed, the store is sound, and the next one frees what was left, but for the marks of trees that
    /// are gone, which go after a day.
    @Test func aKilledPruneLeavesNoDamage() throws {
        let socle = try prepared()
        let script = """
            for i in $(seq 25); do
                echo $i > ctx/f
                socle build -q -t built ctx > /dev/null
                socle import busybox.tar other:$i > /dev/null
                "$SOCLE" system prune -af --filter until=0s > /dev/null 2>&1 &
                sleep 0.0$((RANDOM % 4))$((RANDOM % 10)); kill -9 $!; wait $! 2> /dev/null
                socle system check | grep -v 'all sound'
                socle import busybox.tar base:1 > /dev/null
            done
            socle system prune -af > /dev/null
            ls "$SOCLE_ROOT"/blobs/sha256 "$SOCLE_ROOT"/trees "$SOCLE_ROOT"/tmp | grep -v -e : -e '^$' -e unsynced
            """
        let result = try socle.shell(script)
        #expect(result.text == "", "\(result.summary)")
    }
}
