import SocleTesting
import SystemPackage
import Testing

/// What other people's tools write, socle loads and runs.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct LoadTests {
    private static let image = "socle-test-load"

    /// A store of socle's for loading, whose work folder has `root.tar` and a build context.
    private func prepared() throws -> Socle {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work)
        try socle.write([
            "context": [
                "Dockerfile": """
                FROM socle-test-load:base
                COPY file /dir/file
                RUN rm -r /etc/group /usr && ln /dir/file /dir/hard
                ENV A=b
                WORKDIR /dir
                CMD ["sh", "-c", "cat /dir/hard; ls /etc/group /usr 2>/dev/null; echo $A"]
                """,
                "file": "from the context\n",
            ]
        ])
        return socle
    }

    /// Docker's image of the context, saved by `docker save`.
    private func dockersArchive(_ socle: borrowing Socle) throws {
        try Docker.output("import", "busybox.tar", "\(Self.image):base", directory: socle.work)
        try Docker.output(
            "build",
            "-q",
            "--network",
            "host",
            "-t",
            "\(Self.image):app",
            "context",
            directory: socle.work
        )
        try Docker.output("save", "-o", "saved.tar", "\(Self.image):app", "\(Self.image):base", directory: socle.work)
    }

    private func removeDockersImages() {
        _ = try? Docker.run(["rmi", "-f", "\(Self.image):app", "\(Self.image):base"])
    }

    private func expectRuns(_ socle: borrowing Socle, _ name: String, location: SourceLocation = #_sourceLocation)
        throws
    {
        let result = try socle.run(["run", "--rm", name])
        #expect(result.summary == "status 0\nfrom the context\nb\n", sourceLocation: location)
    }

    @Test(.requires(Docker.isThere))
    func dockersArchivesAreLoaded() throws {
        let socle = try prepared()
        defer { removeDockersImages() }
        try dockersArchive(socle)
        let app = "\(Self.image):app"
        for compressor in ["cat", "gzip", "zstd -q"] {
            let said = try socle.shell("\(compressor) < saved.tar | socle load").succeeding()
            #expect(Set(said.split(separator: "\n")) == ["Loaded image: \(app)", "Loaded image: \(Self.image):base"])
            for template in [
                "{{.Id}}", "{{json .RootFS}}", "{{json .Config}}", "{{.Created}} {{.Size}} {{.Os}} {{.Architecture}}",
            ] {
                #expect(
                    try socle.output("inspect", "-f", template, app) == Docker.output("inspect", "-f", template, app)
                )
            }
            let history = ["history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Size}}|{{.Comment}}", app]
            #expect(try socle.run(history).text == Docker.run(history).text)
            try expectRuns(socle, app)
            try socle.output("rmi", app, "\(Self.image):base")
        }
        try socle.expectNothingLeft()
        // What was loaded from Docker and saved again is what Docker has.
        try socle.output("load", "-i", "saved.tar")
        try socle.output("save", "-o", "again.tar", app)
        let id = try Docker.output("inspect", "-f", "{{.Id}}", app)
        try Docker.output("rmi", "-f", app)
        #expect(try Docker.output("load", "-i", "again.tar", directory: socle.work) == "Loaded image: \(app)")
        #expect(try Docker.output("inspect", "-f", "{{.Id}}", app) == id)
    }

    @Test(.requires(.all(Docker.isThere, .tool("skopeo"))))
    func skopeosArchivesAreLoaded() throws {
        let socle = try prepared()
        defer { removeDockersImages() }
        try dockersArchive(socle)
        let app = "\(Self.image):app"
        let source = "docker-archive:saved.tar:docker.io/library/\(app)"
        let id = try Docker.output("inspect", "-f", "{{.Id}}", app)
        for (flags, place) in [
            ("", "oci-archive:copy.tar:\(app)"),
            ("--dest-compress-format zstd", "oci-archive:copy.tar:\(app)"), ("", "docker-archive:copy.tar:\(app)"),
            ("", "oci:copy:\(app)"),
        ] {
            let script = """
                # Now and then skopeo itself ends with "archive/tar: write too long".
                for try in 1 2 3; do rm -rf copy copy.tar; skopeo copy -q \(flags) \(source) \(place) >&2 && break; done
                [ -d copy ] && tar -C copy -cf copy.tar .
                socle load -q -i copy.tar
                """
            let loaded = try socle.shell(script)
            #expect(loaded.status == 0, "\(flags) \(place): \(loaded.errorText)")
            #expect(loaded.text.hasPrefix("Loaded image: \(app)"), "\(flags) \(place): \(loaded.text)")
            let expected = try Docker.output("inspect", "-f", "{{json .RootFS}}", app)
            #expect(try socle.output("inspect", "-f", "{{json .RootFS}}", app) == expected)
            if place.hasPrefix("docker-archive") { #expect(try socle.output("inspect", "-f", "{{.Id}}", app) == id) }
            try expectRuns(socle, app)
            try socle.output("rmi", "-f", app)
        }
    }

    @Test(.requires(.tool("umoci")))
    func umocisLayoutIsLoaded() throws {
        let socle = try prepared()
        let script = """
            set -e
            umoci init --layout made; umoci new --image made:app
            umoci unpack --image made:app bundle >&2
            tar -C bundle/rootfs -xf busybox.tar
            umoci repack --image made:app bundle >&2
            rm -r bundle; umoci unpack --image made:app bundle >&2
            mkdir bundle/rootfs/dir; cp context/file bundle/rootfs/dir/hard; rm -r bundle/rootfs/etc/group bundle/rootfs/usr
            umoci repack --image made:app bundle >&2
            umoci config --image made:app --config.env A=b --config.cmd sh --config.cmd=-c --config.cmd 'cat /dir/hard; echo $A'
            tar -C made -cf made.tar .
            socle load -i made.tar
            """
        let loaded = try socle.shell(script)
        #expect(loaded.status == 0, "\(loaded.errorText)")
        let images = try socle.output("images", "-q", "--no-trunc")
        let name = images.split(separator: "\n").first.map(String.init) ?? ""
        try expectRuns(socle, name)
        // The manifest's digest is the one that umoci gave it.
        let digests = try socle.shell(
            "for d in $(jq -r '.manifests[].digest' made/index.json); do ls $SOCLE_ROOT/blobs/sha256/${d#sha256:}; done"
        )
        #expect(digests.status == 0, "\(digests.errorText)")
    }

    @Test(.requires(.tool("skopeo")))
    func throughSkopeoAndBackNothingChanges() throws {
        let socle = try prepared()
        try socle.output("import", "busybox.tar", "\(Self.image):base")
        try socle.output("build", "-q", "-t", "app:1", "context")
        let id = try socle.output("inspect", "-f", "{{.Id}}", "app:1")
        let script = """
            set -e
            socle save -o one.tar app:1
            skopeo copy -q --preserve-digests oci-archive:one.tar:1 oci-archive:two.tar:app:1
            socle rmi -f app:1 >&2
            socle load -i two.tar
            """
        let result = try socle.shell(script)
        #expect(result.status == 0, "\(result.errorText)")
        #expect(try socle.output("inspect", "-f", "{{.Id}}", id) == id)
        try expectRuns(socle, id)
    }
}
