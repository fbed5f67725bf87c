import SocleTesting
import SystemPackage
import Testing

/// `image prune`, `rmi` of what runs and `system df -v`: the same words as Docker's, with the same images in both stores.
///
/// The daemon may have other images: everything is asked for by a label.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, Docker.isThere)), .serialized)
final class ImagePruneTests {
    private static let name = "socle-test-prune"
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work, marked: Self.name).string
        try socle.write(["other": ["file": "only here"]])
        try Command.output(of: "tar", ["-C", "other", "--mtime", "@1", "-cf", "other.tar", "."], directory: socle.work)
        let images = [
            ("one", tar, "a=1"), ("two", tar, "a=2"), ("three", socle.work.appending("other.tar").string, "b="),
        ]
        for (index, (tag, archive, label)) in images.enumerated() {
            let words = ["import", "-c", "LABEL \(Self.name)=1 \(label)", "-c", "CMD [\"sleep\", \"100\"]", archive]
            try socle.run(
                words + ["\(Self.name):\(tag)"],
                environment: ["SOURCE_DATE_EPOCH": "\(1_500_000_000 + index * 50_000_000)"]
            ).succeeding()
        }
        try socle.output("tag", "\(Self.name):one", "\(Self.name)/deep:one")
        try socle.output(
            "save",
            "-o",
            "saved.tar",
            "\(Self.name):one",
            "\(Self.name)/deep:one",
            "\(Self.name):two",
            "\(Self.name):three"
        )
        try Docker.output("load", "-i", "saved.tar", directory: socle.work)
        self.socle = socle
    }

    deinit { _ = try? Docker.run(["image", "prune", "-af", "--filter", "label=\(Self.name)=1"]) }

    /// The order of images in a prune is by chance with Docker, so lines are compared without it.
    private func expectSame(
        _ words: [String],
        input: String = "",
        location: SourceLocation = #_sourceLocation
    ) throws {
        let ours = try socle.run(words, input: Array(input.utf8))
        let theirs = try Docker.run(words, input: Array(input.utf8))
        #expect(ours.status == theirs.status, "\(words): \(ours.summary) \(theirs.summary)", sourceLocation: location)
        func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init).sorted() }
        #expect(lines(ours.text) == lines(theirs.text), "\(words)", sourceLocation: location)
        // Newer Dockers begin in lower case.
        #expect(
            ours.plainError.lowercased() == theirs.plainError.lowercased(),
            "\(words)",
            sourceLocation: location
        )
    }

    private var only: [String] { ["--filter", "label=\(Self.name)=1"] }

    @Test func promptsAndFilters() throws {
        try expectSame(["image", "prune"] + only, input: "n\n")
        try expectSame(["image", "prune"] + only)
        try expectSame(["image", "prune", "-a"] + only + ["--filter", "label=a=3"], input: "y\n")
        for filter in ["until=2016-01-01", "until=1000h", "label!=a", "label=a=1", "label=nothing"] {
            try expectSame(["image", "prune", "-f", "--filter", filter] + only)
        }
        for words in [
            ["--filter", "nope=1"], ["--filter", "until=xx"], ["--filter", "until=1h", "--filter", "until=2h"], ["x"],
        ] {
            try expectSame(["image", "prune", "-f"] + words)
        }
        try expectSame(["image", "prune", "-af"] + only + ["--filter", "until=2018-01-01"])
        try expectSame(["image", "prune", "-f", "--filter", "dangling=false", "--filter", "label=b"] + only)
        try expectSame(["images"] + only)
        try expectSame(["image", "prune", "-a"] + only, input: "Yes\n")
        try expectSame(["image", "prune", "-a"] + only, input: "Y\n")
        try expectSame(["images", "-a"] + only)
        #expect(try socle.output("system", "check").contains("0 blobs"))
    }

    @Test func namelessImagesGo() throws {
        for tag in ["one", "two"] {
            let words = ["tag", "\(Self.name):three", "\(Self.name):\(tag)"]
            _ = try (socle.run(words).succeeding(), Docker.run(words).succeeding())
        }
        try expectSame(["images", "--filter", "dangling=true"] + only)
        try expectSame(["image", "prune", "-f"] + only)
        try expectSame(["images"] + only)
    }

    @Test func eventsTellWhatGoes() throws {
        let labels = (["image", "prune", "-af"] + only).joined(separator: " ")
        // Others may use the daemon: what is of these images has their label, or goes with it.
        // What came before is of another second.
        let script = """
            sleep 1.1
            ids=$(D images -q --no-trunc --filter label=\(Self.name)=1 | sort -u | tr '\\n' '|'); start=$(date +%s); D \(labels) >/dev/null
            D events --since $start --until $(($(date +%s) + 1)) --filter type=image --format '{{.Action}} {{.Actor.ID}}' |
                grep -E "${ids%|}" | sed 's/ .*//' | sort | uniq -c
            """
        func said(_ program: String) throws -> String {
            try socle.shell("D() { \(program) \"$@\"; }\n" + script, environment: ["DOCKER_HOST": Environment.value("DOCKER_HOST") ?? ""]).succeeding()
        }
        let ours = try said("socle")
        #expect(ours.contains("delete"))
        #expect(ours == (try said("docker")))
    }

    @Test func diskUsageInFull() throws {
        let format = "{{range .Images}}{{.Repository}} {{.ID}} {{.Size}} {{.Containers}}\n{{end}}"
        // 20.10 gives nothing to a format of -v, so it is its table that is compared, without sizes that others share.
        let ours = try socle.output("system", "df", "-v", "--format", format).split(separator: "\n").map(String.init)
        let theirs = try Docker.output("system", "df", "-v").split(separator: "\n").filter { $0.hasPrefix(Self.name) }
        // Which of an image's names is shown is by chance.
        let rows = theirs.map { line in
            let cells = line.split(separator: " ")
            return "\(cells[2]) \(cells[cells.count - 4]) \(cells[cells.count - 1])"
        }
        let own = ours.filter { $0.hasPrefix(Self.name) }.map {
            $0.split(separator: " ").dropFirst().joined(separator: " ")
        }
        #expect(own.sorted() == rows.sorted())
        let titles = try Docker.output("system", "df", "-v").split(separator: "\n").filter { $0.contains(" usage:") }
        let table = try socle.output("system", "df", "-v").split(separator: "\n").filter { $0.contains(" usage:") }
        #expect(table.prefix(3) == titles.prefix(3))
    }

    @Test func whatRunsStays() throws {
        let name = "socle-test-prune-runs"
        let image = "\(Self.name):two"
        try Docker.output("run", "-d", "--network", "none", "--name", name, image)
        defer { _ = try? Docker.run(["rm", "-f", name]) }
        let begin = """
            socle run --name \(name) \(image) >out 2>&1 &
            for _ in $(seq 100); do [ "$(socle ps -q)" ] && break; sleep 0.05; done
            """
        try socle.shell(begin).succeeding()
        defer { _ = try? socle.run(["rm", "-f", name]) }
        let ids = try (socle.output("ps", "-q"), Docker.output("ps", "-q", "--filter", "name=\(name)"))
        func plain(_ command: Command, _ id: String) -> String {
            (command.text + command.plainError).split(separator: id, omittingEmptySubsequences: false).joined(
                separator: "CONTAINER"
            )
        }
        let id = try Docker.output("images", "-q", image)
        for words in [
            ["rmi", image], ["rmi", id], ["rmi", "-f", id], ["rmi", "-f", image], ["rmi", "-f", id],
            ["image", "prune", "-f"] + only,
        ] {
            let (ours, theirs) = (try socle.run(words), try Docker.run(words))
            #expect(ours.status == theirs.status, "\(words)")
            #expect(plain(ours, ids.0) == plain(theirs, ids.1), "\(words)")
        }
        try expectSame(["images"] + only)
    }

    /// Docker takes the names of an image in use until one is left; socle leaves it alone.
    @Test func imagesInUseKeepTheirNames() throws {
        try socle.output("run", "--name", "user", "\(Self.name):one", "true")
        try socle.output("image", "prune", "-af")
        #expect(try socle.output("images", "--format", "{{.Repository}}:{{.Tag}}").split(separator: "\n").count == 2)
        try socle.output("rm", "user")
        try socle.output("image", "prune", "-af")
        #expect(try socle.output("images", "-q") == "")
        try socle.expectNothingLeft()
    }
}
