import BuildDefinition
import OCISpec
import Testing

@Suite struct OperationTests {
    private static let run = RunOperation(arguments: ["/bin/sh", "-c", "make"], environment: ["A=1"])

    /// Keys are kept between versions: these bytes never change.
    @Test func encodingsAreStable() throws {
        let image = ImageOperation(
            reference: try ImageReference("busybox:1"),
            platform: Platform(os: "linux", architecture: "amd64")
        )
        #expect(
            String(decoding: Operation.image(image).canonicalBytes, as: UTF8.self)
                == "9:operation5:image\n9:reference27:docker.io/library/busybox:1\n8:platform11:linux/amd64\n"
        )
        #expect(
            String(decoding: Operation.run(Self.run).canonicalBytes, as: UTF8.self)
                == "9:operation3:run\n8:argument7:/bin/sh\n8:argument2:-c\n8:argument4:make\n11:environment3:A=1\n"
                + "4:user0:\n17:working directory1:/\n8:hostname15:buildkitsandbox\n"
        )
        #expect(Operation.local(LocalOperation()).keyParts.map(\.text) == ["local", "context"])
    }

    @Test func whatDiffersEncodesDifferently() {
        var operations: [Operation] = [.run(Self.run)]
        func vary(_ change: (inout RunOperation) -> Void) {
            var run = Self.run
            change(&run)
            operations.append(.run(run))
        }
        vary { $0.arguments = ["/bin/sh", "-cmake"] }
        vary {
            $0.arguments = ["/bin/sh", "-c", "make", "A=1"]; $0.environment = []
        }
        vary { $0.user = "1" }
        vary { $0.workingDirectory = "/x" }
        vary { $0.network = .none }
        vary { $0.security = .insecure }
        vary { $0.mounts = [RunMount(.tmpfs(size: nil), target: "/t", isReadOnly: false)] }
        vary { $0.mounts = [RunMount(.tmpfs(size: 1), target: "/t", isReadOnly: false)] }
        vary { $0.mounts = [RunMount(.bind(input: 1, path: "/"), target: "/t", isReadOnly: true)] }
        for unpack in [CopyAction.Unpacking.never, .local, .always] {
            operations.append(
                .file(
                    FileOperation(actions: [
                        .copy(CopyAction(sources: [.paths(input: 1, ["a"])], destination: "/", unpack: unpack))
                    ])
                )
            )
        }
        operations.append(
            .file(
                FileOperation(actions: [.copy(CopyAction(sources: [.inline(name: "a", bytes: [])], destination: "/"))])
            )
        )
        operations.append(.file(FileOperation(actions: [.makeDirectory(MakeDirectoryAction(path: "/"))])))
        #expect(Set(operations.map(\.canonicalBytes)).count == operations.count)
    }

    @Test func undeclaredProxiesDontCount() {
        var other = Self.run
        other.proxyEnvironment = ["HTTP_PROXY=x"]
        #expect(Operation.run(other).canonicalBytes == Operation.run(Self.run).canonicalBytes)
    }

    @Test func modesHaveOneSpelling() {
        let keys = ["755", "0755"].map { mode in
            Operation.file(
                FileOperation(actions: [
                    .copy(CopyAction(sources: [], destination: "/", mode: ModeChange(mode)))
                ])
            ).canonicalBytes
        }
        #expect(keys[0] == keys[1])
    }
}

@Suite struct BuildGraphTests {
    @Test func digestsCoverWhatIsBelowAndNotTitles() {
        var graph = BuildGraph()
        let context = graph.add(.local(LocalOperation()), title: "context")
        let copy = Operation.file(
            FileOperation(actions: [
                .copy(CopyAction(sources: [.paths(input: 1, ["a"])], destination: "/"))
            ])
        )
        let first = graph.add(copy, inputs: [nil, context], title: "one")
        let same = graph.add(copy, inputs: [nil, context], title: "two")
        let above = graph.add(copy, inputs: [first, context], title: "one")
        let again = graph.add(copy, inputs: [nil, context], title: "one", ignoresCache: true)
        let digests = graph.vertexDigests()
        #expect(digests[first.vertex] == digests[same.vertex])
        #expect(digests[first.vertex] != digests[above.vertex])
        #expect(digests[first.vertex] != digests[again.vertex])
        #expect(Set(digests).count == 4)
    }

    @Test func graphsPrint() {
        var graph = BuildGraph()
        let below = graph.add(
            .file(FileOperation(actions: [.makeDirectory(MakeDirectoryAction(path: "/a b\n"))])),
            inputs: [nil],
            title: "[1/1] WORKDIR",
            ignoresCache: true
        )
        #expect(below == Edge(vertex: 0))
        #expect(
            graph.description == """
                0 [1/1] WORKDIR
                    inputs scratch
                    ignores the cache
                    operation: file
                    action: make directory
                    path: "/a b\\n"
                    mode: 755
                """
        )
    }
}

@Suite struct ModeChangeTests {
    @Test(
        arguments: [
            ("755", 0o600, 0o755), ("0", 0o777, 0), ("07777", 0, 0o7777), ("u+x", 0o644, 0o744), ("a+x", 0o644, 0o755),
            ("+x", 0o644, 0o755), ("go-rwx", 0o755, 0o700), ("u=rw,go=r", 0o777, 0o644), ("g=u", 0o640, 0o660),
            ("u+s", 0o755, 0o4755), ("g+s", 0o755, 0o2755), ("+t", 0o777, 0o1777), ("u=", 0o4755, 0o055),
            ("a=rX", 0o600, 0o444), ("a=rX", 0o700, 0o555), ("u+w-x", 0o555, 0o655), ("o=g", 0o750, 0o755),
        ] as [(String, UInt32, UInt32)]
    )
    func changes(_ text: String, _ before: UInt32, _ after: UInt32) throws {
        #expect(try #require(ModeChange(text)).applied(to: before, isDirectory: false) == after)
    }

    @Test func directoriesMayBeEntered() throws {
        let change = try #require(ModeChange("u=rwX,go=rX"))
        #expect(change.applied(to: 0o600, isDirectory: true) == 0o755)
        #expect(change.applied(to: 0o600, isDirectory: false) == 0o644)
        #expect(change.absolute == nil && ModeChange("644")?.absolute == 0o644)
    }

    @Test(arguments: ["", "64a", "99999", "10000", "u", "x+u", "u+q", "u+x,", ",u+x", "rwx", "u~x", "0x1"])
    func whatIsNoModeIsRefused(_ text: String) {
        #expect(ModeChange(text) == nil)
    }
}
