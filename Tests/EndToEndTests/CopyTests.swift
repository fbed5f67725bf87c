import SocleTesting
import SystemPackage
import Testing

/// `copy` between every pair of places, next to skopeo and Docker.
@Suite(
    .requires(.all(.root, .overlay, Fixture.busybox, TestRegistry.isThere, .tool("skopeo"), .tool("umoci"), .tool("jq"))),
    .serialized
)
struct CopyTests {
    /// A store with `app:1`, and a registry that has it as `app:1` and, for two platforms, as `both:1`.
    private struct Prepared {
        var registry: TestRegistry
        /// The manifest's.
        var digest: String
        var name: String { "docker://\(registry.host)/app:1" }
        var both: String { "docker://\(registry.host)/both:1" }
    }

    private func prepared(_ socle: borrowing Socle) throws -> Prepared {
        _ = try Fixture.busyboxRoot(in: socle.work, marked: "socle-test-copy")
        try socle.write([
            "ctx": ["Dockerfile": "FROM base\nCOPY noise /noise\nCMD [\"cat\", \"/etc/name\"]\n"],
            "two": ["Dockerfile": "FROM scratch\nCOPY noise /noise\n"],
        ])
        try socle.shell(
            """
            head -c 300000 /dev/urandom | tee ctx/noise > two/noise
            socle import busybox.tar base && socle build -q -t app:1 ctx
            socle build -q -t both:1 --platform linux/amd64,linux/arm64 two
            """
        ).succeeding()
        let registry = try TestRegistry(for: socle)
        let digest = try socle.output("copy", "-q", "store:app:1", "docker://\(registry.host)/app:1")
        try socle.output("copy", "-q", "store:both:1", "docker://\(registry.host)/both:1")
        return Prepared(registry: registry, digest: digest)
    }

    private func id(_ socle: borrowing Socle, _ name: String) throws -> String {
        try socle.output("inspect", "-f", "{{.Id}}", name)
    }

    @Test func manifestsGoByteForByte() throws {
        let socle = try Socle()
        let there = try prepared(socle)
        // The digest is that of a push.
        try socle.output("tag", "app:1", "\(there.registry.host)/pushed:1")
        #expect(try socle.output("push", "\(there.registry.host)/pushed:1").contains(there.digest))
        for (source, target) in [
            (there.name, "oci:layout:app"), ("oci:layout:app", "oci-archive:app.tar:app"),
            ("oci-archive:app.tar:app", "oci:second:app"), ("oci:second", "docker://\(there.registry.host)/again:2"),
            ("docker://\(there.registry.host)/again:2", "docker://\(there.registry.host)/mounted:3"),
            ("oci-archive:app.tar", "docker://\(there.registry.host)/archive:1"), ("store:app:1", "oci:third:x"),
        ] {
            #expect(try socle.output("copy", "-q", source, target) == there.digest, "\(source) \(target)")
        }
        let skopeo = "skopeo inspect --format '{{.Digest}}'"
        for place in ["oci:layout:app", "oci-archive:app.tar:app", "--tls-verify=false docker://\(there.registry.host)/mounted:3"] {
            #expect(try socle.shell("\(skopeo) \(place)").succeeding() == there.digest, "\(place)")
        }
        try socle.shell("umoci unpack --rootless --image layout:app bundle && cmp ctx/noise bundle/rootfs/noise").succeeding()
        // A compressed archive is read as well.
        try socle.shell("gzip -k app.tar").succeeding()
        #expect(try socle.output("copy", "-q", "oci-archive:app.tar.gz", "oci:fourth") == there.digest)
    }

    @Test func allPlatformsOrOne() throws {
        let socle = try Socle()
        let there = try prepared(socle)
        let all = try socle.output("copy", "-q", there.both, "oci:layout:both")
        #expect(try socle.shell("jq -r '.manifests[0].digest' layout/index.json").succeeding() == all)
        let one = try socle.output("copy", "-q", "--platform", "linux/arm64", there.both, "oci:one:arm")
        #expect(one != all)
        #expect(try socle.shell("skopeo --override-arch arm64 inspect --format '{{.Architecture}}' oci:one:arm").succeeding() == "arm64")
        let absent = try socle.run(["copy", "--platform", "linux/s390x", there.both, "oci:none:x"])
        #expect(absent.status != 0)
        #expect(absent.errorText.contains("it has linux/amd64, linux/arm64"), "\(absent.errorText)")
        #expect(try socle.shell("test -e none").status != 0)
        // Both come back from the layout.
        try socle.output("copy", "-q", "oci:layout:both", "store:back:1")
        #expect(try id(socle, "back:1") == id(socle, "both:1") || socle.output("image", "inspect", "--raw", "back:1").contains("arm64"))
    }

    @Test(.requires(Docker.isThere)) func dockersPlaces() throws {
        let socle = try Socle()
        let there = try prepared(socle)
        let id = try id(socle, "app:1")
        let daemon = ["DOCKER_HOST": Environment.value("DOCKER_HOST") ?? ""]
        func copy(_ source: String, _ target: String) throws {
            let result = try socle.run(["copy", "-q", source, target], environment: daemon)
            #expect(result.status == 0, "\(source) \(target): \(result.errorText)")
        }
        let name = "socle-test-copy:1"
        defer { _ = try? Docker.run(["rmi", "-f", name]) }
        try copy(there.name, "docker-daemon:\(name)")
        #expect(try Docker.output("inspect", "-f", "{{.Id}}", name) == id)
        try copy("docker-daemon:\(name)", "docker-archive:image.tar:other:2")
        #expect(try socle.shell("tar xfO image.tar manifest.json | jq -r '.[0].RepoTags[0]'").succeeding() == "other:2")
        try copy("docker-archive:image.tar:other:2", "docker://\(there.registry.host)/daemon:1")
        try copy("docker://\(there.registry.host)/daemon:1", "store:daemon:1")
        #expect(try self.id(socle, "daemon:1") == id)
        #expect(try socle.output("run", "--rm", "--network", "none", "daemon:1", "wc", "-c", "/noise") == "300000 /noise")
        let absent = try socle.run(["copy", "docker-daemon:socle-test-absent:1", "oci:x"], environment: daemon)
        #expect(absent.status != 0)
        #expect(absent.errorText.contains("socle-test-absent"), "\(absent.errorText)")
        // Nothing of what passed through is left.
        #expect(try socle.shell("find $SOCLE_ROOT/tmp -name 'store-*' | wc -l").succeeding() == "0")
    }

    @Test func wrongPlacesAndWrongBytes() throws {
        let socle = try Socle()
        let there = try prepared(socle)
        let plain = try socle.run(["copy", "app:1", "oci:x"])
        #expect(plain.errorText.contains("docker://, store:, oci:"), "\(plain.errorText)")
        let reserved = try socle.run(["copy", "oci:x", "store:scratch"])
        #expect(reserved.status != 0)
        try socle.output("copy", "-q", there.name, "oci:layout:app")
        // A blob with other bytes of the same number.
        let damage = """
            layer=$(jq -r '.layers[1].digest' layout/blobs/sha256/$(jq -r '.manifests[0].digest' layout/index.json | cut -d: -f2) | cut -d: -f2)
            printf X | dd of=layout/blobs/sha256/$layer bs=1 seek=100 conv=notrunc status=none
            """
        try socle.shell(damage).succeeding()
        for target in ["oci:copied:app", "oci-archive:copied.tar", "store:copied:1", "docker://\(there.registry.host)/copied:1"] {
            let refused = try socle.run(["copy", "oci:layout:app", target])
            #expect(refused.status != 0, "\(target)")
        }
        #expect(try socle.shell("test -e copied.tar || test -e copied/index.json").status != 0)
        #expect(try socle.run(["inspect", "copied:1"]).status != 0)
        let absent = try socle.run(["copy", "oci:layout:other", "oci:x"])
        #expect(absent.errorText.contains("it has app"), "\(absent.errorText)")
    }

    /// An artifact has no config, but the empty document, and layers that are no file systems.
    @Test func artifactsGoAsImagesDo() throws {
        let socle = try Socle()
        let there = try prepared(socle)
        let make = """
            set -e
            mkdir -p art/blobs/sha256 && cd art
            put() { cat > tmp; name=$(sha256sum tmp | cut -c1-64); mv tmp blobs/sha256/$name; echo $name; }
            empty=$(printf '{}' | put); body=$(printf 'a list of contents' | put)
            manifest=$(printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"text/example","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:%s","size":2,"data":"e30="},"layers":[{"mediaType":"text/plain","digest":"sha256:%s","size":18}],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\(there.digest)","size":1}}' $empty $body | put)
            printf '{"imageLayoutVersion":"1.0.0"}' > oci-layout
            printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"list"}}]}' $manifest $(stat -c %s blobs/sha256/$manifest) > index.json
            echo sha256:$manifest
            """
        let digest = try socle.shell(make).succeeding()
        let name = "docker://\(there.registry.host)/app:list"
        #expect(try socle.output("copy", "-q", "oci:art:list", name) == digest)
        #expect(try socle.output("copy", "-q", name, "oci-archive:list.tar") == digest)
        #expect(try socle.output("copy", "-q", "oci-archive:list.tar", "oci:again:list") == digest)
        try socle.shell("diff -r art/blobs again/blobs").succeeding()
        #expect(try socle.output("manifest", "inspect", "--raw", "\(there.registry.host)/app:list").contains("text/example"))
        let refused = try socle.run(["pull", "\(there.registry.host)/app:list"])
        #expect(refused.status != 0 && refused.errorText.contains("is not an image"), "\(refused.errorText)")
    }

    @Test func foldersAreSavedAndLoaded() throws {
        let socle = try Socle()
        _ = try prepared(socle)
        try socle.output("save", "--format", "oci-dir", "-o", "saved", "app:1", "both:1")
        #expect(try socle.shell("jq '.manifests | length' saved/index.json").succeeding() == "2")
        let other = try Socle()
        let loaded = try other.output("load", "-i", "\(socle.work)/saved")
        #expect(loaded == "Loaded image: app:1\nLoaded image: both:1", "\(loaded)")
        #expect(try id(other, "app:1") == id(socle, "app:1"))
        #expect(try other.output("image", "inspect", "--raw", "both:1") == socle.output("image", "inspect", "--raw", "both:1"))
    }
}
