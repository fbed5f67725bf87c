import SocleTesting
import SystemPackage
import Testing

/// `images`, `tag`, `rmi`, `inspect`, `history`: the same words on both, with the same images in both stores.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, Docker.isThere)), .serialized)
final class ImageTests {
    private static let name = "socle-test-images"
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        // Of moments long past, so that ages are the same words on both.
        let images = [("one", ["-m", "first", "-c", "CMD [\"sh\"]"]), ("two", ["-m", "second", "-c", "ENV A=b"]), ("three", ["-m", "third"])]
        for (index, (tag, flags)) in images.enumerated() {
            let words = ["import", "-c", "LABEL \(Self.name)=1"] + flags + [tar, "\(Self.name):\(tag)"]
            try socle.run(words, environment: ["SOURCE_DATE_EPOCH": "\(1_500_000_000 + index * 50_000_000)"]).succeeding()
        }
        try socle.output("tag", "\(Self.name):two", "\(Self.name)/deep:three")
        try socle.output("save", "-o", "saved.tar", "\(Self.name):one", "\(Self.name):two", "\(Self.name)/deep:three", "\(Self.name):three")
        try Docker.output("load", "-i", "saved.tar", directory: socle.work)
        // The third loses its name to another image, on both.
        let renaming = ["tag", "\(Self.name):one", "\(Self.name):three"]
        _ = try (socle.run(renaming).succeeding(), Docker.run(renaming).succeeding())
        let unnaming = ["rmi", "\(Self.name):three"]
        _ = try (socle.run(unnaming).succeeding(), Docker.run(unnaming).succeeding())
        self.socle = socle
    }

    deinit {
        for word in ["\(Self.name):one", "\(Self.name):two", "\(Self.name)/deep:three", "\(Self.name):new", "\(Self.name)/other:new"] {
            _ = try? Docker.run(["rmi", "-f", word])
        }
        if let ids = try? Docker.output("images", "-q", "--filter", "label=\(Self.name)=1") {
            for id in ids.split(separator: "\n") { _ = try? Docker.run(["rmi", "-f", String(id)]) }
        }
    }

    /// Docker's order of an image's names is by chance, so lines are compared without it.
    private func expectSame(_ words: [String], location: SourceLocation = #_sourceLocation) throws {
        let ours = try socle.run(words)
        let theirs = try Docker.run(words)
        #expect(ours.status == theirs.status, "\(words): \(ours.summary) \(theirs.summary)", sourceLocation: location)
        func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init).sorted() }
        #expect(lines(ours.text) == lines(theirs.text), "\(words)", sourceLocation: location)
        #expect(ours.plainError == theirs.plainError, "\(words)", sourceLocation: location)
    }

    @Test func tables() throws {
        let only = ["--filter", "label=\(Self.name)=1"]
        for flags in [
            [], ["-q"], ["--no-trunc"], ["-q", "--no-trunc"], ["-a"], ["--digests"], ["--filter", "dangling=true"], ["--filter", "dangling=false"],
            ["--format", "{{.ID}} {{.Repository}}:{{.Tag}} {{.Size}} {{.CreatedAt}}"], ["--format", "table {{.Repository}}\t{{.Size}}"],
            ["--format", "{{json .}}"], ["--filter", "reference=\(Self.name):*"], ["--filter", "reference=*/*"],
            ["--filter", "since=\(Self.name):one"], ["--filter", "before=\(Self.name):two"],
        ] {
            try expectSame(["images"] + only + flags)
        }
        // Newer Dockers begin the first in lower case and end with another status.
        for (words, message) in [
            (["--filter", "nonsense=1"], "invalid filter 'nonsense'"), (["--filter", "dangling=maybe"], "Invalid filter 'dangling=[maybe]'"),
            (["--format", "{{"], "template parsing error: template: :1: unclosed action"),
        ] {
            let result = try socle.run(["images"] + words)
            #expect(result.status != 0 && result.plainError == message + "\n", "\(words): \(result.summary)")
        }
        // Images themselves come newest first.
        func order(_ command: Command) -> [Substring] {
            command.text.split(separator: "\n").reduce(into: []) { if $0.last != $1 { $0.append($1) } }
        }
        let ids = ["images", "-q"] + only
        #expect(try order(socle.run(ids)) == order(Docker.run(ids)))
        for words in [
            ["images", Self.name], ["images", "\(Self.name):two"], ["images", "\(Self.name)/deep"], ["images", "nothing-here"],
            ["images", "--filter", "broken"], ["images", "--format", "{{.Nothing}}"], ["images", "a", "b"], ["images", "--nonsense"],
        ] {
            try expectSame(words)
        }
    }

    @Test func inspections() throws {
        let image = "\(Self.name):two"
        for template in [
            "{{.Id}}", "{{.RepoTags}}", "{{json .RepoDigests}}", "{{.Config.Env}}", "{{json .Config}}", "{{.Size}} {{.VirtualSize}}",
            "{{range .RootFS.Layers}}{{.}},{{end}}", "{{len .RootFS.Layers}}", "{{.Os}}/{{.Architecture}}", "{{.Comment}} {{.Created}}",
            "{{if .Config.Cmd}}yes{{else}}no{{end}}", "{{index .RepoTags 0}}", "{{upper .Os}} {{split .Comment \"c\"}} {{join .Config.Env \",\"}}",
            "{{.Nothing}}", "{{.Config.Nothing}}", "{{", "{{index .RepoTags 9}}", "{{json .Metadata}}", "{{.DockerVersion}}", "{{printf \"%.7s\" .Id}}",
        ] {
            // Moments of tagging are each store's own.
            if template.contains("Metadata") || template.contains("DockerVersion") { continue }
            try expectSame(["inspect", "--format", template, image])
        }
        try expectSame(["inspect", "nothing-here"])
        try expectSame(["image", "inspect", "nothing-here"])
        try expectSame(["inspect", "-f", "{{.Id}}", image, "nothing-here", "\(Self.name):one"])
        // Names of fields, in their order.
        let script = "import json, sys; print(list(json.load(sys.stdin)[0]))"
        func keys(_ document: [UInt8]) throws -> String {
            try String(decoding: Command.output(of: "python3", ["-c", script], input: document), as: UTF8.self)
        }
        #expect(try keys(socle.run(["inspect", image]).output) == keys(Docker.run(["inspect", image]).output))
    }

    @Test func histories() throws {
        let image = "\(Self.name):one"
        for words in [
            [image], ["--no-trunc", image], ["-q", image], ["-H=false", "--format", "{{.CreatedBy}} {{.Size}} {{.Comment}}", image],
            ["--format", "table {{.ID}}\t{{.Comment}}", image], ["nothing-here"], [],
        ] {
            try expectSame(["history"] + words)
        }
    }

    @Test func tags() throws {
        for words in [
            ["\(Self.name):one", "\(Self.name):new"], ["\(Self.name):two", "\(Self.name):new"], ["nothing-here", "\(Self.name):x"],
            ["\(Self.name):one", "a:b:c"], ["\(Self.name):one", "x@sha256:\(String(repeating: "a", count: 64))"],
            ["\(Self.name):one"], ["\(Self.name):one", "\(Self.name)/other:new"],
        ] {
            try expectSame(["tag"] + words)
        }
        try expectSame(["images", "--filter", "label=\(Self.name)=1"])
    }

    @Test func removals() throws {
        let two = try Docker.output("images", "-q", "--no-trunc", "\(Self.name):two")
        let one = try Docker.output("images", "-q", "--no-trunc", "\(Self.name):one")
        let words: [[String]] = [
            ["nothing-here"], [two], ["\(Self.name):two"], ["nothing-here", "\(Self.name)/deep:three"], [two], [String(one.dropFirst(7).prefix(12))],
            [one], [], ["-f", "nothing-here"], ["\(Self.name):"], ["sha256:123"],
        ]
        for word in words { try expectSame(["rmi"] + word) }
        try expectSame(["images", "--filter", "label=\(Self.name)=1"])
    }

    @Test func removalsOfWhatContainersUse() throws {
        let container = "socle-test-user"
        let words = ["run", "--network", "none", "--name", container, "\(Self.name):one", "true"]
        _ = try (socle.run(words).succeeding(), Docker.run(words).succeeding())
        defer { _ = try? Docker.run(["rm", "-f", container]) }
        // The container's id is each one's own.
        func plain(_ command: Command, _ id: String) -> String {
            (command.text + command.plainError).split(separator: id, omittingEmptySubsequences: false).joined(separator: "CONTAINER")
        }
        let ids = try (socle.output("ps", "-aq"), Docker.output("ps", "-aq", "--filter", "name=\(container)"))
        let one = try Docker.output("images", "-q", "\(Self.name):one")
        for words in [["\(Self.name):one"], [one], ["-f", "\(Self.name):one"]] {
            let ours = try socle.run(["rmi"] + words)
            let theirs = try Docker.run(["rmi"] + words)
            #expect(ours.status == theirs.status, "\(words)")
            #expect(plain(ours, ids.0) == plain(theirs, ids.1), "\(words)")
        }
        // What it stands on stays until it goes.
        #expect(try socle.run(["rm", container]).status == 0)
        #expect(try socle.output("system", "check").contains("all sound"))
    }
}
