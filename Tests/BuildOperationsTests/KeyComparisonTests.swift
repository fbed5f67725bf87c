import BuildDefinition
import OCISpec
import Testing

@testable import BuildOperations

/// What differs between two keys: names and values in, differences out.
@Suite struct KeyComparisonTests {
    private func changes(_ before: [(String, String)], _ now: [(String, String)]) -> [KeyChange] {
        KeyComparison(before: before.map { KeyPart($0, $1) }, now: now.map { KeyPart($0, $1) }).changes
    }

    @Test func equalKeysDifferInNothing() {
        let parts = [("operation", "run"), ("argument", "make"), ("environment", "A=1"), ("below", "x")]
        #expect(changes(parts, parts) == [])
        // What stands below and the files are compared by others.
        #expect(changes([("below", "x"), ("members", "1")], [("below", "y"), ("members", "2")]) == [])
    }

    @Test func commandsAreToldWithoutTheirShell() {
        func run(_ words: String...) -> [(String, String)] { words.map { ("argument", $0) } }
        #expect(
            changes(run("/bin/sh", "-c", "make"), run("/bin/sh", "-c", "make all"))
                == [.command(from: "make", to: "make all")]
        )
        #expect(
            changes(run("/bin/sh", "-c", "make"), run("/bin/bash", "-c", "make"))
                == [.command(from: "/bin/sh -c make", to: "/bin/bash -c make")]
        )
        #expect(changes(run("ls"), run("ls", "-l")) == [.command(from: "ls", to: "ls -l")])
    }

    @Test func variablesAreToldByName() {
        let before = [("environment", "PATH=/bin"), ("environment", "V=1"), ("environment", "OLD=x")]
        let now = [("environment", "PATH=/bin"), ("environment", "V=2"), ("environment", "NEW=a=b")]
        #expect(
            changes(before, now) == [
                .variable("V", from: "1", to: "2"), .variable("OLD", from: "x", to: nil),
                .variable("NEW", from: nil, to: "a=b"),
            ]
        )
        #expect(
            changes(
                [("environment", "A=1"), ("environment", "B=1")],
                [("environment", "B=1"), ("environment", "A=1")]
            )
                == [.setting("order of the variables", from: nil, to: nil)]
        )
    }

    @Test(arguments: ["NPM_TOKEN", "db_password", "AWS_SECRET_ACCESS_KEY", "SSH_KEY", "API_KEY", "BasicAuth", "PWD"])
    func valuesOfSecretsAreHidden(name: String) {
        let found = changes([("environment", "\(name)=one")], [("environment", "\(name)=two")])
        #expect(found == [.variable(name, from: "(hidden)", to: "(hidden)")])
    }

    @Test func mountsAreToldAsTheyAreWritten() {
        let cache = [("mount", "cache"), ("mount id", "/root/.cache"), ("mount target", "/root/.cache")]
        let secret = [("mount", "secret"), ("mount id", "s"), ("mount required", "true")]
        #expect(
            changes(cache, secret) == [
                .mount(from: "type=cache,id=/root/.cache,target=/root/.cache", to: "type=secret,id=s,required=true")
            ]
        )
        #expect(changes(cache, cache + secret) == [.mount(from: nil, to: "type=secret,id=s,required=true")])
    }

    @Test func everythingElseIsToldByItsName() {
        #expect(
            changes(
                [("user", ""), ("source", "a"), ("source", "b")],
                [("user", "app"), ("source", "a"), ("mode", "755")]
            )
                == [
                    .setting("user", from: "", to: "app"), .setting("source", from: "a, b", to: "a"),
                    .setting("mode", from: nil, to: "755"),
                ]
        )
        #expect(
            changes([("inline content", "one")], [("inline content", "two")])
                == [.setting("text of the here-document", from: nil, to: nil)]
        )
    }

    private func list(_ members: [(String, String)]) -> MemberList {
        members.reduce(into: MemberList()) { list, member in
            list.add(Array(member.0.utf8)) { $0 += Array(member.1.utf8) }
        }
    }

    @Test func filesAreToldByPath() {
        let before = list([
            ("a", "644 0:0 file sha256:1"), ("gone", "644 0:0 file sha256:1"), ("bin/x", "644 0:0 file sha256:1"),
            ("l", "777 0:0 link to a"), ("d", "755 0:0 directory"), ("t", "644 0:0 file user.x=sha256:1 sha256:2"),
        ])
        let now = list([
            ("a", "644 0:0 file sha256:2"), ("new", "644 0:0 file sha256:1"), ("bin/x", "755 5:6 file sha256:1"),
            ("l", "777 0:0 link to b"), ("d", "755 0:0 directory"), ("t", "644 0:0 file user.x=sha256:3 sha256:2"),
        ])
        #expect(
            FileComparison.changes(from: before, to: now) == [
                .file(path: "/a", .changed(["content"])),
                .file(path: "/bin/x", .changed(["mode 644 → 755", "owner 0:0 → 5:6"])),
                .file(path: "/gone", .removed), .file(path: "/l", .changed(["link to a → link to b"])),
                .file(path: "/new", .added), .file(path: "/t", .changed(["attributes"])),
            ]
        )
        #expect(
            FileComparison.changes(from: before, to: now, limit: 2) == [
                .file(path: "/a", .changed(["content"])),
                .file(path: "/bin/x", .changed(["mode 644 → 755", "owner 0:0 → 5:6"])), .moreFiles(4),
            ]
        )
    }

    @Test func theLayersBelowLeadToTheStepThatIsToBlame() throws {
        var graph = BuildGraph()
        let base = graph.add(
            .image(ImageOperation(reference: try ImageReference("base"), platform: .host)),
            title: "[1/4] FROM base"
        )
        let run = BuildDefinition.Operation.run(RunOperation(arguments: ["x"]))
        let two = graph.add(run, inputs: [base], title: "[2/4] RUN a")
        let three = graph.add(run, inputs: [two], title: "[3/4] RUN b")
        let four = graph.add(run, inputs: [three], title: "[4/4] RUN c")
        func change(_ before: String, _ now: String, _ origins: [VertexID: CacheUse.Origin] = [:]) -> KeyChange? {
            BelowComparison(graph: graph) { origins[$0] }.change(of: four.vertex, before: before, now: now)
        }
        let origins: [VertexID: CacheUse.Origin] = [two.vertex: .built, three.vertex: .store]
        #expect(change("B\n1\n2", "B\n1\n2", origins) == nil)
        #expect(change("B\n1\n2", "B\n9\n9", origins) == .rebuilt(step: "[2/4] RUN a"))
        #expect(change("B\n1\n2", "B\n1\n9", origins) == .otherResult(step: "[3/4] RUN b"))
        #expect(change("B\n1\n2", "C\n1\n2", origins) == .base("base", from: "B", to: "C"))
        // The base has another number of layers now.
        #expect(change("B\n1\n2", "B\nC\n1\n2", origins) == .base("base", from: "1", to: "C"))
        #expect(change("B\n1\n2\n3", "B\n1\n2", origins) == .setting("a step below is gone", from: nil, to: nil))
    }
}
