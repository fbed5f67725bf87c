import SocleTesting
import SystemPackage
import Testing

/// What socle saves and keeps, other people's tools read: the same digests, the same files.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct SaveTests {
    /// A store with `base` (one layer) and `app` (several, built).
    private func prepared() throws -> Socle {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", "--change", "ENV FROM=base", tar, "base:1")
        try socle.write([
            "Dockerfile": """
            FROM base:1
            COPY file /dir/file
            RUN rm /etc/group && ln /dir/file /dir/hard && echo changed > /etc/passwd
            WORKDIR /dir
            ENV A=b
            LABEL maker=socle
            CMD ["cat", "/dir/hard"]
            """,
            "file": "from the context\n",
        ])
        try socle.output("build", "-q", "-t", "app", "-t", "other/app:2", ".")
        return socle
    }

    private func field(_ socle: borrowing Socle, _ template: String, _ image: String = "app") throws -> String {
        try socle.output("inspect", "-f", template, image)
    }

    @Test(.requires(Docker.isThere))
    func dockerLoadsAndRuns() throws {
        let socle = try prepared()
        defer { _ = try? Docker.run(["rmi", "-f", "app", "other/app:2", "base:1"]) }
        try socle.output("save", "-o", "saved.tar", "app", "other/app:2", "base:1")
        let loaded = try Docker.run(["load", "-i", "saved.tar"], directory: socle.work)
        #expect(loaded.status == 0, "\(loaded.errorText)")
        #expect(
            Set(loaded.text.split(separator: "\n")) == [
                "Loaded image: app:latest", "Loaded image: other/app:2", "Loaded image: base:1",
            ]
        )
        for template in [
            "{{.Id}}", "{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.Labels}} {{.Config.WorkingDir}}",
            "{{json .RootFS}}",
        ] {
            #expect(try field(socle, template) == Docker.output("inspect", "-f", template, "app"))
        }
        let words = ["run", "--rm", "--network", "none", "app"]
        #expect(try Docker.run(words).summary == "status 0\nfrom the context\n")
        #expect(try socle.run(words).summary == "status 0\nfrom the context\n")
        #expect(
            try Docker.output(
                "run",
                "--rm",
                "--network",
                "none",
                "app",
                "sh",
                "-c",
                "cat /etc/passwd; test -e /etc/group || echo gone"
            )
                == "changed\ngone"
        )
        let history = ["history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Comment}}", "app"]
        #expect(try Docker.run(history).text == socle.run(history).text)
    }

    @Test(.requires(Docker.isThere))
    func dockerLoadsFromAPipe() throws {
        let socle = try prepared()
        defer { _ = try? Docker.run(["rmi", "-f", "app"]) }
        let archive = try socle.run(["save", "app"]).output
        #expect(try Docker.output("load", input: archive) == "Loaded image: app:latest")
        let byID = try socle.run(["save", try field(socle, "{{.Id}}")]).output
        #expect(try Docker.output("load", input: byID) == "Loaded image ID: " + field(socle, "{{.Id}}"))
    }

    @Test(.requires(.tool("skopeo")), arguments: ["docker-archive:saved.tar", "oci-archive:saved.tar:latest"])
    func skopeoReadsArchives(_ place: String) throws {
        let socle = try prepared()
        try socle.output("save", "-o", "saved.tar", "app")
        let script = """
            set -e
            skopeo inspect --config --raw \(place) | sha256sum | cut -c1-64
            skopeo copy -q \(place) dir:copy >&2
            for layer in $(python3 -c 'import json; print(*[l["digest"][7:] for l in json.load(open("copy/manifest.json"))["layers"]])'); do
                (gzip -dc copy/$layer 2>/dev/null || cat copy/$layer) | sha256sum | cut -c1-64
            done
            """
        let lines = try socle.shell(script).succeeding().split(separator: "\n").map { "sha256:\($0)" }
        #expect(try lines.first == field(socle, "{{.Id}}"))
        let diffIDs = try field(socle, "{{range .RootFS.Layers}}{{.}} {{end}}").split(separator: " ").map(String.init)
        #expect(diffIDs.count == 4 && lines.dropFirst() == diffIDs[...])
    }

    @Test(.requires(.tool("skopeo")))
    func skopeoReadsTheStoreItself() throws {
        let socle = try prepared()
        let script = """
            set -e
            python3 -c 'import json; [print(m["annotations"]["org.opencontainers.image.ref.name"]) for m in json.load(open("'$SOCLE_ROOT'/index.json"))["manifests"]]' | sort
            cat $SOCLE_ROOT/oci-layout
            """
        let names = try socle.shell(script).succeeding()
        #expect(names.contains("imageLayoutVersion"))
        for name in try socle.shell("skopeo list-tags oci:$SOCLE_ROOT 2>/dev/null | jq -r '.Tags[]?'").text.split(
            separator: "\n"
        ) {
            #expect(names.contains(name))
        }
        // The name in the layout is what `oci:` takes after the folder.
        var found = 0
        for name in names.split(separator: "\n") where !name.contains("imageLayoutVersion") {
            let result = try Command.run("skopeo", ["inspect", "--config", "--raw", "oci:\(socle.store):\(name)"])
            #expect(result.status == 0, "\(name): \(result.errorText)")
            found += result.status == 0 ? 1 : 0
        }
        #expect(found == 3)
    }

    @Test(.requires(.tool("umoci")))
    func umociUnpacksTheStoreAndArchives() throws {
        let socle = try prepared()
        try Fixture.look(in: socle.work)
        let script = """
            set -e
            socle save -o saved.tar app; mkdir layout; tar -C layout -xf saved.tar
            name=$(python3 -c 'import json; print(json.load(open("layout/index.json"))["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"])')
            umoci unpack --image layout:$name one >&2
            cp -a $SOCLE_ROOT store
            name=$(python3 -c 'import json; print([m["annotations"]["org.opencontainers.image.ref.name"] for m in json.load(open("store/index.json"))["manifests"] if "app" in str(m["annotations"]) and "other" not in str(m["annotations"])][0])')
            umoci unpack --image "store:$name" two >&2
            ./look one/rootfs | tail -n +2 > list.one; ./look two/rootfs | tail -n +2 > list.two
            cmp list.one list.two
            cat one/rootfs/dir/hard one/rootfs/etc/passwd; ls one/rootfs/etc
            """
        let result = try socle.shell(script)
        #expect(result.status == 0, "\(result.errorText)")
        #expect(result.text == "from the context\nchanged\npasswd\n")
        // And what a container sees is the same, but for what containers bring.
        let inside = try socle.output("run", "--rm", "-v", "\(socle.work)/look:/look", "app", "/look", "/dir", "/bin")
        let outside = try socle.shell("./look one/rootfs/dir one/rootfs/bin").succeeding()
        #expect(inside == outside)
    }

    @Test func savingTwiceGivesTheSameBytes() throws {
        let socle = try prepared()
        #expect(try socle.run(["save", "app", "base:1"]).output == socle.run(["save", "app", "base:1"]).output)
    }
}
