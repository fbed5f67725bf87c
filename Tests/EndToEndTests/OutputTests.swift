import SocleTesting
import SystemPackage
import Testing

/// What `build --output` writes, read with other programs.
@Suite(.requires(.all(.root, .overlay, .tool("python3"))), .serialized)
struct OutputTests {
    /// A build whose result has what file systems have: links, modes, times, owners, things that came and went.
    private func prepared() throws -> Socle {
        let socle = try Socle()
        try socle.write([
            "Dockerfile": """
            FROM scratch
            COPY one /dir/one
            COPY --chown=7:8 --chmod=4750 two /dir/two
            COPY tree /dir/
            LABEL a=b
            CMD ["/dir/two"]
            """,
            "one": "1", "two": "2", "tree": ["deep": ["f": "x"], "l": .link("deep/f")],
        ])
        return socle
    }

    private func members(_ socle: borrowing Socle, _ tar: String) throws -> [String] {
        let text = try Command.output(of: "tar", ["-tf", tar], directory: socle.work)
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static let files = ["dir/", "dir/deep/", "dir/l", "dir/one", "dir/two", "dir/deep/f"]

    @Test func tarAndFolderHaveTheFiles() throws {
        let socle = try prepared()
        try socle.output("build", "-q", "-o", "type=tar,dest=out.tar", ".")
        #expect(try members(socle, "out.tar") == Self.files)
        let streamed = try socle.run(["build", "-q", "-o", "-", "."])
        #expect(streamed.output == (try Command.output(of: "cat", ["out.tar"], directory: socle.work)))
        try socle.output("build", "-q", "-o", "out", ".")
        let listing = try Command.output(
            of: "find",
            ["out", "-mindepth", "1", "-printf", "%P %M %u:%g %l\\n"],
            directory: socle.work
        )
        let lines = String(decoding: listing, as: UTF8.self).split(separator: "\n").sorted()
        #expect(lines.contains("dir/two -rwsr-x--- root:root "))
        #expect(lines.contains("dir/l lrwxrwxrwx root:root deep/f"))
        #expect(lines.count == Self.files.count)
        // Owners are in the tar, not in the folder, which is the caller's.
        let verbose = try Command.output(
            of: "tar",
            ["--numeric-owner", "-tvf", "out.tar", "dir/two"],
            directory: socle.work
        )
        #expect(String(decoding: verbose, as: UTF8.self).hasPrefix("-rwsr-x--- 7/8"))
        #expect(try socle.output("images", "-q") == "")
        try socle.expectNothingLeft()
    }

    @Test(.requires(Fixture.busybox)) func whatStepsRemoveIsNotThere() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base")
        try socle.write([
            "ctx": [
                "Dockerfile": """
                FROM base
                RUN rm -rf /usr /etc/group && mkdir /usr && echo n > /usr/new && ln /usr/new /usr/hard && mkfifo /pipe
                RUN rm /usr/hard && ln -s /etc /usr/etc && echo 2 > /etc/two
                """
            ]
        ])
        try socle.output(
            "build",
            "-q",
            "-o",
            "type=tar,dest=out.tar",
            "-o",
            "type=local,dest=out",
            "-o",
            "type=image,name=x",
            "ctx"
        )
        #expect(
            try members(socle, "out.tar").filter { !$0.hasPrefix("bin/") }
                == ["etc/", "pipe", "root/", "tmp/", "usr/", "var/", "etc/passwd", "etc/two", "usr/etc", "usr/new"]
        )
        // The same as a container sees.
        let script = "cd /; find usr var root pipe etc/passwd etc/two -exec stat -c '%n %F %a %Y' {} + | sort"
        let inside = try socle.output("run", "--rm", "x", "sh", "-c", script)
        let outside = try socle.shell(
            "cd out; find usr var root pipe etc/passwd etc/two -exec stat -c '%n %F %a %Y' {} + | sort"
        )
        #expect(try outside.succeeding() == inside)
        try socle.expectNothingLeft()
    }

    @Test(.requires(.tool("skopeo"))) func ociArchiveAndFolder() throws {
        let socle = try prepared()
        try socle.output(
            "build",
            "-q",
            "-t",
            "app:1",
            "-o",
            "type=oci,dest=a.tar",
            "-o",
            "type=oci,tar=false,dest=layout",
            "."
        )
        let shown = try socle.shell(
            """
            set -e
            skopeo inspect --raw oci-archive:a.tar
            echo
            skopeo inspect oci:layout:1 --format '{{.Labels}} {{.Architecture}}'
            tar -tf a.tar | grep -c manifest.json || true
            tar -xOf a.tar index.json
            """
        ).succeeding()
        let lines = shown.split(separator: "\n")
        #expect(lines[0].contains("application/vnd.oci.image.layer.v1.tar+gzip"))
        #expect(lines[1].hasPrefix("map[a:b] "))
        #expect(lines[2] == "0")
        #expect(lines[3].contains("\"io.containerd.image.name\":\"docker.io/library/app:1\""))
        // The same bytes again, and nothing in the store.
        try socle.output("build", "-q", "-t", "app:1", "-o", "type=oci,dest=b.tar", ".")
        #expect(try socle.shell("cmp a.tar b.tar").status == 0)
        #expect(try socle.output("images", "-q") == "")
        // A second image is added to the folder, the first stays.
        try socle.output("build", "-q", "-t", "app:2", "--label", "c=d", "-o", "type=oci,tar=false,dest=layout", ".")
        #expect(try socle.shell("skopeo inspect oci:layout:1 --format '{{.Labels}}'").succeeding() == "map[a:b]")
        #expect(try socle.shell("skopeo inspect oci:layout:2 --format '{{.Labels}}'").succeeding() == "map[a:b c:d]")
    }

    @Test(.requires(.tool("umoci"))) func umociUnpacksTheFolder() throws {
        let socle = try prepared()
        try socle.output("build", "-q", "-t", "app:1", "-o", "type=oci,tar=false,dest=layout", ".")
        try socle.shell("umoci unpack --image layout:1 bundle && cat bundle/rootfs/dir/two").succeeding()
    }

    @Test(.requires(Docker.isThere)) func dockerLoadsTheArchive() throws {
        let socle = try prepared()
        let name = "socle-output-test:1"
        let id = try socle.output("build", "-q", "-t", name, "-o", "type=docker,dest=d.tar", ".")
        defer { _ = try? Docker.run(["rmi", "-f", name]) }
        try Docker.output("load", "-i", socle.work.appending("d.tar").string)
        #expect(try Docker.output("inspect", "-f", "{{.Id}} {{json .Config.Cmd}}", name) == id + #" ["/dir/two"]"#)
        try socle.output("load", "-i", "d.tar")
        #expect(try socle.output("inspect", "-f", "{{.Id}}", name) == id)
    }

    @Test(.requires(.tool("skopeo"))) func compression() throws {
        let socle = try prepared()
        func types(_ options: String) throws -> Set<Substring> {
            try socle.output("build", "-q", "-o", "type=oci,dest=c.tar,\(options)", ".")
            let raw = try socle.shell("skopeo inspect --raw oci-archive:c.tar").succeeding()
            return Set(raw.split(separator: "\"").filter { $0.contains("image.layer") })
        }
        #expect(try types("compression=zstd,compression-level=19") == ["application/vnd.oci.image.layer.v1.tar+zstd"])
        #expect(try types("compression=uncompressed") == ["application/vnd.oci.image.layer.v1.tar"])
        #expect(try types("oci-mediatypes=false") == [])
        // skopeo reads every layer and compares it with its digest.
        try socle.output("build", "-q", "-o", "type=oci,dest=c.tar,compression=zstd", ".")
        try socle.shell("skopeo copy -q oci-archive:c.tar dir:copy").succeeding()
        // A level is another blob; the same level is the one that is known.
        let first = try socle.shell("ls $SOCLE_ROOT/blobs/sha256 | wc -l").succeeding()
        try socle.output("build", "-q", "-o", "type=oci,dest=c.tar,compression=zstd", ".")
        #expect(try socle.shell("ls $SOCLE_ROOT/blobs/sha256 | wc -l").succeeding() == first)
    }

    /// A base that came compressed stays as it came, unless it is forced.
    @Test(.requires(.tool("skopeo"))) func basesStayAsTheyCame() throws {
        let socle = try prepared()
        try socle.shell("tar -czf base.tar.gz tree").succeeding()
        try socle.output("import", "base.tar.gz", "base")
        try socle.write(["Dockerfile": "FROM base\nCOPY one /one\n"])
        func layers(_ options: String) throws -> [Substring] {
            try socle.output("build", "-q", "-o", "type=oci,dest=c.tar,\(options)", ".")
            let raw = try socle.shell("skopeo inspect --raw oci-archive:c.tar").succeeding()
            return raw.split(separator: "\"").filter { $0.hasPrefix("application/vnd.oci.image.layer") }
                .map { $0.split(separator: ".").last ?? "" }
        }
        #expect(try layers("compression=zstd") == ["tar+gzip", "tar+zstd"])
        #expect(try layers("compression=zstd,force-compression=true") == ["tar+zstd", "tar+zstd"])
        #expect(try layers("compression=uncompressed,force-compression=true") == ["tar", "tar"])
    }

    @Test func metadataAndNames() throws {
        let socle = try prepared()
        try socle.output(
            "build",
            "-q",
            "-t",
            "a:1",
            "-t",
            "b",
            "--metadata-file",
            "m.json",
            "--iidfile",
            "id",
            "--annotation",
            "k=v",
            "--annotation",
            "manifest-descriptor:d=e",
            "."
        )
        let text = try socle.shell(
            """
            python3 - <<'END'
            import json
            m = json.load(open("m.json"))
            print(sorted(m))
            print(m["image.name"], m["containerimage.config.digest"] == open("id").read())
            d = m["containerimage.descriptor"]
            print(d["digest"] == m["containerimage.digest"], d["annotations"], d["platform"]["os"])
            END
            """
        ).succeeding()
        #expect(
            text == """
                ['containerimage.config.digest', 'containerimage.descriptor', 'containerimage.digest', 'image.name']
                docker.io/library/a:1,docker.io/library/b:latest True
                True {'d': 'e'} linux
                """
        )
        let manifest = try socle.shell(
            "python3 -c 'import json;print(json.load(open(\"m.json\"))[\"containerimage.digest\"][7:])'"
        ).succeeding()
        let bytes = try socle.shell("cat $SOCLE_ROOT/blobs/sha256/\(manifest)").succeeding()
        #expect(bytes.contains(#""annotations":{"k":"v"}"#))
        try socle.output("build", "-q", "-o", "type=image,\"name=c:1,d\"", ".")
        #expect(try socle.output("images", "--format", "{{.Repository}}:{{.Tag}}", "c") == "c:1")
        #expect(try socle.output("images", "--format", "{{.Repository}}:{{.Tag}}", "d") == "d:latest")
    }

    @Test func cacheOnlyMakesNoImage() throws {
        let socle = try prepared()
        #expect(try socle.output("build", "-q", "-o", "type=cacheonly", "--iidfile", "id", ".") == "")
        #expect(try socle.output("images", "-q") == "")
        #expect(try socle.shell("cat id").succeeding() == "")
        #expect(try socle.run(["build", "--progress", "plain", "."]).errorText.contains("CACHED"))
    }

    @Test func aFailureLeavesNoFile() throws {
        let socle = try prepared()
        try socle.write(["old.tar": "old"])
        try socle.write(["Bad": "FROM scratch\nCOPY nothing /\n"])
        #expect(try socle.run(["build", "-f", "Bad", "-o", "type=oci,dest=old.tar", "."]).status == 1)
        #expect(try socle.shell("cat old.tar").succeeding() == "old")
        let missing = try socle.run(["build", "-o", "type=oci,dest=no/where.tar", "."])
        #expect(missing.status == 1)
        #expect(missing.errorText.contains("directory \"no\" does not exist"), "\(missing.errorText)")
        #expect(try socle.shell("ls -A | grep -c tmp || true").succeeding() == "0")
    }

    @Test(arguments: [
        (["-o", "type=local"], "dest is required for local exporter"),
        (["-o", "type=local,dest=-"], "dest cannot be stdout for local exporter"),
        (["-o", "one"], "destination directory one is a file"),
        (["-o", "type=tar,dest=tree"], "destination file tree is a directory"),
        (["-o", "type=oci", "-o", "-"], "only one output can be written to standard output"),
        (["-o", "type=local,dest=/tmp,mode=delete"], "not below the working directory"),
        (["--push"], "tag is needed when pushing to registry"),
        (["--provenance", "mode=max"], "attestations (provenance and SBOM) are not built into this version"),
        (["--annotation", "index:a=b"], "index annotations not supported for single platform export"),
        (["--platform", "windows/amd64"], "only Linux images can be built"),
    ])
    func refusals(_ words: [String], _ message: String) throws {
        let socle = try prepared()
        let refused = try socle.run(["build"] + words + ["."])
        #expect(refused.status != 0)
        #expect(refused.errorText.contains(message), "\(refused.errorText)")
    }

    @Test func whatIsTheDefaultIsAccepted() throws {
        let socle = try prepared()
        try socle.output(
            "build",
            "-q",
            "--load",
            "-t",
            "l",
            "--provenance=false",
            "--sbom",
            "false",
            "--attest",
            "type=sbom,disabled=true",
            "."
        )
        #expect(try socle.output("images", "--format", "{{.Repository}}") == "l")
    }

    /// BuildKit's words; `script` gives the command a terminal.
    @Test(.requires(.tool("script"))) func terminalsGetNoArchives() throws {
        let socle = try prepared()
        let said = try socle.shell("script -qec '\"$SOCLE\" build -o type=oci .' /dev/null < /dev/null").text
        #expect(said.contains("dest file is required for oci exporter. refusing to write to console"), "\(said)")
    }

    /// A layer that was made without SOURCE_DATE_EPOCH doesn't stand for one that is made with it.
    @Test(.requires(Fixture.busybox)) func timesAreNotLaterThanTheEpoch() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base")
        try socle.write(["ctx": ["Dockerfile": "FROM base\nADD a.tar /a/\nRUN echo > /x\n", "x": "x"]])
        try socle.shell("tar -C ctx -cf ctx/a.tar x").succeeding()
        try socle.output("build", "-q", "ctx")
        let output = try socle.run(
            ["build", "-q", "-o", "type=docker,dest=d.tar,compression=uncompressed,rewrite-timestamp=true", "ctx"],
            environment: ["SOURCE_DATE_EPOCH": "1500000000"]
        )
        #expect(output.status == 0, "\(output.errorText)")
        let latest = try socle.python(
            """
            import tarfile, json
            top = tarfile.open("d.tar")
            layers = json.load(top.extractfile("manifest.json"))[0]["Layers"][1:]
            print(max(m.mtime for l in layers for m in tarfile.open(fileobj=top.extractfile(l))))
            """
        ).succeeding()
        #expect(latest == "1500000000")
        let silent = try socle.run(["build", "-o", "type=image,rewrite-timestamp=true", "--progress", "plain", "ctx"])
        #expect(silent.errorText.contains("no SOURCE_DATE_EPOCH"), "\(silent.errorText)")
    }
}
