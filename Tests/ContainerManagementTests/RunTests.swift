import ContainerRuntime
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import ContainerManagement

/// Containers that really run: the program is busybox, and what it writes comes back through a mounted folder.
@Suite(.serialized, .requires(.all(.overlay, .tool("busybox")))) struct RunTests {
    /// A store with one image of one layer.
    struct Fixture: ~Copyable {
        let root: TemporaryRoot
        let containers: Containers
        let image: ImageConfig
        var lowers: [FilePath] { [root("layer")] }

        init(_ configure: (inout ContainerConfig) -> Void = { _ in }) throws {
            let root = try TemporaryRoot()
            try Directory.open(root.path).chmod(".", 0o755)
            _ = try Command.output(
                of: "/bin/sh",
                [
                    "-c",
                    """
                    mkdir -p layer/bin layer/etc layer/tmp layer/data/sub out store
                    cp "$(command -v busybox)" layer/bin/busybox
                    for name in sh cat id sleep true; do ln -s busybox layer/bin/$name; done
                    printf 'root:x:0:0::/root:/bin/sh\\nbob:x:1000:1000::/home/bob:/bin/sh\\n' > layer/etc/passwd
                    printf 'root:x:0:\\nbob:x:1000:\\nwheel:x:10:bob\\n' > layer/etc/group
                    echo content > layer/data/sub/file; chown 7:8 layer/data/sub/file; chmod 0751 layer/data
                    """,
                ],
                directory: root.path
            )
            let metadata = try MetadataStore(path: root("store/socle.db"))
            containers = Containers(root: root("store"), metadata: metadata, monitors: .here)
            var config = ContainerConfig()
            config.cmd = ["/bin/true"]
            configure(&config)
            image = ImageConfig(platform: .host, config: config, diffIDs: [])
            self.root = root
        }

        func run(_ command: String..., configure: (inout RunRequest) throws -> Void = { _ in }) throws -> Int32 {
            var request = RunRequest(image: "image", command: command)
            request.remove = true
            request.mounts = [try MountRequest(volume: "\(root("out")):/out")]
            try configure(&request)
            let outcome = try containers.run(request, image: image, id: Digest.of([]), lowers: lowers)
            guard case .ended(let code) = outcome else { return -1 }
            return code
        }

        /// What a container left in `/out`.
        func output(_ name: String = "file") throws -> String {
            try String(decoding: Command.output(of: "cat", [root("out/\(name)").string]), as: UTF8.self)
        }

        /// The names in the store's folders of containers, marks and volumes.
        func leftovers() throws -> [String] {
            let all = try Command.output(
                of: "/bin/sh",
                [
                    "-c",
                    "ls store/containers | grep -vE '^(active|init-.*)$'; ls store/containers/active "
                        + "store/volumes 2>/dev/null | grep -v :; true",
                ],
                directory: root.path
            )
            return String(decoding: all, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        }
    }

    @Test func theProgramsExitStatusComesBack() throws {
        let fixture = try Fixture()
        #expect(try fixture.run("sh", "-c", "exit 7") == 7)
        #expect(try fixture.run("sh", "-c", "sh -c 'kill -KILL $$'; exit $?") == 137)
        #expect(try fixture.run() == 0)
        #expect(try fixture.leftovers() == [])
        #expect(try fixture.containers.list().isEmpty)
    }

    @Test(arguments: [("/nonexistent", 127), ("nonexistent", 127), ("/etc", 126), ("/etc/passwd", 126)])
    func whatCantBeExecutedHasDockersStatus(_ program: String, _ code: Int32) throws {
        let fixture = try Fixture()
        let error = #expect(throws: RuntimeError.self) { try fixture.run(program) }
        #expect(error?.exitCode == code)
        #expect(try fixture.leftovers() == [])
    }

    @Test func whatTheContainerSees() throws {
        let fixture = try Fixture { $0.env = ["A=image", "B=image"] }
        _ = try fixture.run(
            "sh",
            "-c",
            "id > /out/file; echo $A $B $HOSTNAME $HOME $PWD >> /out/file; cat /etc/hostname >> /out/file"
        ) {
            $0.user = "bob"
            $0.environment = ["A=user"]
            $0.hostname = "name"
            $0.workingDirectory = "/new/place"
            $0.mounts = [try MountRequest(volume: "\(fixture.root("open")):/out")]
            _ = try Directory.open(fixture.root("open"), create: true, mode: 0o777)
            try Directory.open(fixture.root.path).chmod("open", 0o777)
        }
        let text = try String(decoding: Command.output(of: "cat", [fixture.root("open/file").string]), as: UTF8.self)
        #expect(
            text == """
                uid=1000(bob) gid=1000(bob) groups=10(wheel),1000(bob)
                user image name /home/bob /new/place
                name

                """
        )
    }

    @Test func volumesTakeTheImagesContentOnce() throws {
        let fixture = try Fixture { $0.volumes = ["/data"] }
        #expect(
            try fixture.run("sh", "-c", "stat -c '%a %u %g %n' /data /data/sub/file > /out/file; echo x > /data/new")
                == 0
        )
        #expect(try fixture.output() == "751 0 0 /data\n644 7 8 /data/sub/file\n")
        #expect(try fixture.leftovers() == [])
        let named: (inout RunRequest) throws -> Void = { $0.mounts.append(try MountRequest(volume: "named:/data")) }
        #expect(try fixture.run("sh", "-c", "rm -r /data/sub; echo x > /data/new", configure: named) == 0)
        #expect(try fixture.run("sh", "-c", "ls /data > /out/file", configure: named) == 0)
        #expect(try fixture.output() == "new\n")
        #expect(try fixture.containers.volumes.names() == ["named"])
    }

    @Test func missingSources() throws {
        let fixture = try Fixture()
        let missing = fixture.root("missing/deep")
        let failure = #expect(throws: PlainFailure.self) {
            try fixture.run("true") { $0.mounts = [try MountRequest(mount: "type=bind,source=\(missing),target=/x")] }
        }
        #expect(
            failure?.description
                == "invalid mount config for type \"bind\": bind source path does not exist: \(missing)"
        )
        #expect(try fixture.run("true") { $0.mounts = [try MountRequest(volume: "\(missing):/x")] } == 0)
        #expect(try Directory.open(missing).status().kind == .directory)
    }

    @Test func aContainerStaysUntilItIsRemoved() throws {
        let fixture = try Fixture()
        let keep: (inout RunRequest) throws -> Void = {
            $0.remove = false
            $0.name = "kept"
        }
        #expect(try fixture.run("sh", "-c", "exit 3", configure: keep) == 3)
        let row = try #require(try fixture.containers.list().first)
        #expect(row.name == "kept" && row.status(now: row.createdAt).hasPrefix("Exited (3) "))
        let value = try fixture.containers.inspect("kept")
        #expect(value["State"]?["ExitCode"] == .integer(3) && value["State"]?["Status"] == "exited")
        let conflict = #expect(throws: MetadataError.self) { try fixture.run("true", configure: keep) }
        #expect(conflict?.kind == .conflict && conflict?.description.hasPrefix("Conflict. The container name") == true)
        #expect(try fixture.leftovers() == [row.id])
        try fixture.containers.remove(String(row.id.prefix(5)), force: false, volumes: false)
        #expect(try fixture.leftovers() == [])
        let missing = #expect(throws: PlainFailure.self) {
            try fixture.containers.remove("kept", force: true, volumes: false)
        }
        #expect(missing?.description == "No such container: kept" && missing?.kind == .notFound)
    }

    /// A command that is killed leaves a mark that nobody holds; the next one makes it as if it had never been.
    @Test func whatAKilledCommandLeavesIsSettled() throws {
        let fixture = try Fixture { $0.volumes = ["/data"] }
        for remove in [true, false] {
            var request = RunRequest(image: "image", command: ["true"])
            request.remove = remove
            request.name = "killed"
            let draft = try fixture.containers.draft(request, image: fixture.image, lowers: fixture.lowers)
            do {
                let container = try fixture.containers.create(draft, image: Digest.of([]))
                #expect(try fixture.containers.list().map(\.name) == ["killed"], "somebody looks after it")
                _ = consume container
            }
            let left = try fixture.containers.list()
            #expect(left.map(\.name) == (remove ? [] : ["killed"]))
            #expect(try fixture.leftovers().isEmpty == remove)
        }
        try fixture.containers.remove("killed", force: false, volumes: true)
        #expect(try fixture.leftovers() == [])
    }

    /// Killed between folder and row.
    @Test func aFolderWithoutARowGoes() throws {
        let fixture = try Fixture()
        let id = RandomID.make()
        _ = try fixture.run("true")
        for path in ["store/containers/\(id)/upper/x", "store/containers/active"] {
            _ = try Directory.open(fixture.root(path), create: true)
        }
        _ = try Command.output(of: "touch", [fixture.root("store/containers/active/\(id)").string])
        #expect(try fixture.containers.list().isEmpty)
        #expect(try fixture.leftovers() == [])
    }

    @Test func aRunningOneIsRemovedByForceOnly() async throws {
        let fixture = try Fixture()
        let containers = fixture.containers
        var request = RunRequest(image: "image", command: ["sleep", "100"])
        request.name = "running"
        let (started, image, lowers) = (request, fixture.image, fixture.lowers)
        let run = Task.detached { try containers.run(started, image: image, id: Digest.of([]), lowers: lowers) }
        while try containers.list().first?.state.word != "running" { try await Task.sleep(for: .milliseconds(5)) }
        let id = try #require(try containers.list().first).id
        let failure = #expect(throws: PlainFailure.self) {
            try containers.remove("running", force: false, volumes: false)
        }
        #expect(
            failure?.description == "You cannot remove a running container \(id). Stop the container before attempting "
                + "removal or force remove"
        )
        try containers.remove("running", force: true, volumes: false)
        #expect(try await run.value == .ended(137))
        #expect(try fixture.leftovers() == [])
    }
}
