import SocleTesting
import SystemPackage
import Testing

/// `rmi` and `image prune` of what came from a registry: names with digests go as with Docker.
@Suite(
    .requires(.all(.root, .overlay, Fixture.busybox, Docker.isThere, Requirement.tool("docker-registry"))),
    .serialized
)
final class PulledImageRemovalTests {
    private let socle: Socle
    private let registry: String
    private let process: String
    /// `<registry>/t/x@sha256:…`, and the image's ID.
    private let digest: String
    private let id: String

    init() throws {
        let socle = try Socle()
        let free = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1], end='')"
        let registry = "127.0.0.1:" + (try socle.python(free).succeeding())
        let config = """
            {"version": "0.1", "log": {"level": "error"}, "http": {"addr": "\(registry)"},
             "storage": {"filesystem": {"rootdirectory": "\(socle.work.appending("registry"))"}}}
            """
        try socle.write(["config.yml": .file(Array(config.utf8))])
        let start = """
            docker-registry serve config.yml >registry.log 2>&1 & echo $!
            for _ in $(seq 100); do curl -s -o /dev/null http://\(registry)/v2/ && break; sleep 0.05; done
            """
        process = try socle.shell(start).succeeding()
        let tar = try Fixture.busyboxRoot(in: socle.work, marked: "socle-test-pulled")
        try Docker.output("import", "-c", "LABEL socle-test-pulled=1", tar.string, "\(registry)/t/x:1")
        try Docker.output("tag", "\(registry)/t/x:1", "\(registry)/u/y:2")
        for name in ["t/x:1", "u/y:2"] { try Docker.output("push", "\(registry)/\(name)") }
        let id = try Docker.output("inspect", "-f", "{{.Id}}", "\(registry)/t/x:1")
        let places = try Docker.output("inspect", "-f", "{{join .RepoDigests \"\\n\"}}", "\(registry)/t/x:1")
        digest = String(try #require(places.split(separator: "\n").first { $0.hasPrefix("\(registry)/t/x@") }))
        self.socle = socle
        self.registry = registry
        self.id = id
        try Docker.output("rmi", "-f", id)
    }

    deinit {
        _ = try? Docker.run(["rmi", "-f", id])
        _ = try? Command.run("kill", [process])
    }

    private func onBoth(_ words: String...) throws {
        _ = try (socle.run(words).succeeding(), Docker.run(words).succeeding())
    }

    private func expectSame(_ words: String..., location: SourceLocation = #_sourceLocation) throws {
        let (ours, theirs) = (try socle.run(words), try Docker.run(words))
        #expect(ours.status == theirs.status, "\(words): \(ours.summary)", sourceLocation: location)
        #expect(ours.text == theirs.text, "\(words)", sourceLocation: location)
        #expect(ours.plainError == theirs.plainError, "\(words)", sourceLocation: location)
    }

    @Test func digestsGoWithTheLastTag() throws {
        let (one, other) = ("\(registry)/t/x:1", "\(registry)/u/y:2")
        try onBoth("pull", one)
        try expectSame("rmi", one)
        try onBoth("pull", one)
        for _ in 0..<2 { try expectSame("rmi", digest) }
        try expectSame("rmi", one)
        try onBoth("pull", one)
        try expectSame("rmi", id)
        try onBoth("pull", one)
        try onBoth("pull", other)
        for name in [id, other, id] { try expectSame("rmi", name) }
        try onBoth("pull", one)
        try onBoth("tag", one, "\(registry)/t/x:other")
        for name in [one, id] { try expectSame("rmi", name) }
    }

    @Test func imagesWithADigestOnly() throws {
        try onBoth("pull", digest)
        for flags in [[], ["--digests"], ["--filter", "dangling=true"], ["--filter", "dangling=false"]] {
            let words = ["images", "--filter", "label=socle-test-pulled=1", "--format", "{{.Repository}} {{.Tag}} {{.ID}}"] + flags
            let (ours, theirs) = (try socle.run(words), try Docker.run(words))
            #expect(ours.text == theirs.text, "\(words)")
        }
        try expectSame("image", "prune", "-f", "--filter", "label=socle-test-pulled=1")
        try onBoth("pull", digest)
        try expectSame("rmi", id)
        try onBoth("pull", "\(registry)/t/x:1")
        try expectSame("image", "prune", "-af", "--filter", "label=socle-test-pulled=1")
    }

    @Test func layersOfContainersStay() throws {
        let (name, image) = ("socle-test-pulled", "\(registry)/t/x:1")
        try onBoth("pull", image)
        try onBoth("run", "--network", "none", "--name", name, image, "true")
        defer { _ = try? Docker.run(["rm", "-f", name]) }
        try expectSame("rmi", "-f", id)
        try onBoth("rm", name)
        #expect(try socle.output("system", "check").contains("all sound"))
    }
}
