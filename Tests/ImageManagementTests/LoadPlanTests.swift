import OCISpec
import Reporting
import Testing

@testable import ImageManagement

/// Image archives as values: what is accepted, what is refused, and which names come out.
struct LoadPlanTests {
    let platform = Platform(os: "linux", architecture: "amd64")

    /// An archive under construction.
    struct Fixture {
        var contents = ArchiveContents()
        var config: Document<ImageConfig>
        let layer: ArchiveContents.Blob

        init(architecture: String = "amd64") throws {
            let diffID = Digest.of([1])
            layer = ArchiveContents.Blob(
                digest: diffID,
                size: 1024,
                layer: .success(LayerFacts(diffID: diffID, mediaType: .ociLayer, contentSize: 7))
            )
            let value = ImageConfig(platform: Platform(os: "linux", architecture: architecture), diffIDs: [diffID])
            config = try Document(encoding: value, mediaType: .ociConfig)
        }

        static func path(_ digest: Digest) -> String { "blobs/\(digest.algorithm)/\(digest.hex)" }

        mutating func add(_ text: String, _ bytes: [UInt8]) throws {
            contents.documents[try #require(ArchivePath(text))] = bytes
        }

        mutating func add(_ text: String, _ blob: ArchiveContents.Blob) throws {
            contents.blobs[try #require(ArchivePath(text))] = blob
        }

        mutating func addDockerManifest(config: String, tags: [String], layers: [String]) throws {
            try add(
                "manifest.json",
                JSON.encode([DockerArchiveImage(config: config, repositoryTags: tags, layers: layers)])
            )
        }

        /// A manifest with its blobs, as a layout has them.
        mutating func addManifest(layers: Int = 1, size: Int64 = 1024) throws -> Descriptor {
            let descriptor = Descriptor(mediaType: .ociLayer, digest: layer.digest, size: size)
            let manifest = try Document(
                encoding: ImageManifest(
                    config: config.descriptor,
                    layers: Array(repeating: descriptor, count: layers)
                ),
                mediaType: .ociManifest
            )
            try add(Self.path(manifest.descriptor.digest), manifest.bytes)
            try add(Self.path(config.descriptor.digest), config.bytes)
            try add(Self.path(layer.digest), layer)
            return manifest.descriptor
        }

        mutating func addIndex(_ manifests: [Descriptor]) throws {
            try add("index.json", JSON.encode(ImageIndex(manifests: manifests)))
        }
    }

    func failure(_ contents: ArchiveContents) -> (any Failure)? {
        do {
            _ = try LoadPlan(contents, platform: platform)
            return nil
        } catch { return error as? any Failure }
    }

    @Test func readsDockersOldForm() throws {
        var fixture = try Fixture()
        try fixture.add("abc.json", fixture.config.bytes)
        try fixture.add("1/layer.tar", fixture.layer)
        fixture.contents.links[try #require(ArchivePath("2/layer.tar"))] = ArchivePath("1/layer.tar")
        try fixture.addDockerManifest(config: "abc.json", tags: ["hello:1", "user/x:y"], layers: ["2/layer.tar"])
        let plan = try LoadPlan(fixture.contents, platform: platform)
        let image = try #require(plan.images.first)
        #expect(plan.images.count == 1)
        #expect(image.names.map(\.familiar) == ["hello:1", "user/x:y"])
        #expect(image.config.descriptor.digest == fixture.config.descriptor.digest)
        #expect(image.layers.map(\.descriptor.digest) == [fixture.layer.digest])
        #expect(image.manifest.value.mediaType == .ociManifest)
    }

    @Test func keepsTheManifestOfAnArchiveThatIsBoth() throws {
        var fixture = try Fixture()
        let manifest = try fixture.addManifest()
        try fixture.addIndex([manifest])
        try fixture.addDockerManifest(
            config: Fixture.path(fixture.config.descriptor.digest),
            tags: ["a:1"],
            layers: [Fixture.path(fixture.layer.digest)]
        )
        let plan = try LoadPlan(fixture.contents, platform: platform)
        #expect(plan.images.map(\.manifest.descriptor.digest) == [manifest.digest])
        #expect(plan.images.first?.names.map(\.familiar) == ["a:1"])
    }

    @Test(
        arguments: [
            ([Annotation.imageName: "docker.io/library/a:1", Annotation.referenceName: "1"], ["a:1"]),
            ([Annotation.referenceName: "latest"], []),
            ([Annotation.referenceName: "localhost/b:2"], ["localhost/b:2"]),
            ([Annotation.referenceName: "b:2"], ["b:2"]),
            ([Annotation.imageName: "NOT A NAME"], []),
        ] as [([String: String], [String])]
    )
    func namesFromALayout(_ annotations: [String: String], _ names: [String]) throws {
        var fixture = try Fixture()
        var manifest = try fixture.addManifest()
        manifest.annotations = annotations
        try fixture.addIndex([manifest])
        let plan = try LoadPlan(fixture.contents, platform: platform)
        #expect(plan.images.map { $0.names.map(\.familiar) } == [names])
    }

    @Test func twoNamesOfOneManifestAreOneImage() throws {
        var fixture = try Fixture()
        var first = try fixture.addManifest()
        var second = first
        first.annotations = [Annotation.imageName: "docker.io/library/a:1"]
        second.annotations = [Annotation.imageName: "docker.io/library/a:2"]
        try fixture.addIndex([first, second])
        let plan = try LoadPlan(fixture.contents, platform: platform)
        #expect(plan.images.map { $0.names.map(\.familiar) } == [["a:1", "a:2"]])
    }

    @Test func choosesThePlatformInANestedIndex() throws {
        var fixture = try Fixture()
        var ours = try fixture.addManifest()
        ours.platform = platform
        var other = Descriptor(mediaType: .ociManifest, digest: Digest.of([9]), size: 3)
        other.platform = Platform(os: "linux", architecture: "s390x")
        let index = try Document(encoding: ImageIndex(manifests: [other, ours]), mediaType: .ociIndex)
        try fixture.add(Fixture.path(index.descriptor.digest), index.bytes)
        try fixture.addIndex([index.descriptor])
        #expect(try LoadPlan(fixture.contents, platform: platform).images.count == 1)
        let problem = #expect(throws: PlainFailure.self) {
            try LoadPlan(fixture.contents, platform: Platform(os: "linux", architecture: "riscv64"))
        }
        #expect(problem?.hint == "it has linux/s390x, linux/amd64")
    }

    @Test func refusesWhatDoesNotFit() throws {
        var fixture = try Fixture()
        let wrong = Digest.of([2])
        try fixture.add("c", fixture.config.bytes)
        try fixture.add(
            "l",
            .init(
                digest: wrong,
                size: 1,
                layer: .success(LayerFacts(diffID: wrong, mediaType: .ociLayer, contentSize: 0))
            )
        )
        try fixture.addDockerManifest(config: "c", tags: [], layers: ["l"])
        #expect(
            failure(fixture.contents)?.description
                == "invalid diffID for layer 0: expected \"\(fixture.layer.digest)\", got \"\(wrong)\""
        )
        try fixture.addDockerManifest(config: "c", tags: [], layers: [])
        #expect(
            failure(fixture.contents)?.description
                == "invalid manifest, layers length mismatch: expected 1, got 0"
        )
        try fixture.addDockerManifest(config: "c", tags: [], layers: ["nowhere"])
        #expect(failure(fixture.contents)?.description == "invalid image archive: \"nowhere\" is missing")
        try fixture.addDockerManifest(config: "../../etc/passwd", tags: [], layers: ["l"])
        #expect(failure(fixture.contents)?.description == "invalid image archive: \"../../etc/passwd\" is missing")
        try fixture.addDockerManifest(config: "c", tags: [], layers: ["c"])
        #expect(failure(fixture.contents)?.description == "invalid image archive: \"c\" is not a layer")
    }

    @Test(arguments: ["UPPER:1", "noTag", "a@sha256:\(String(repeating: "0", count: 64))"])
    func refusesBadTags(_ tag: String) throws {
        var fixture = try Fixture()
        try fixture.add("c", fixture.config.bytes)
        try fixture.add("l", fixture.layer)
        try fixture.addDockerManifest(config: "c", tags: [tag], layers: ["l"])
        #expect(failure(fixture.contents)?.description.hasPrefix("invalid tag \"\(tag)\"") == true)
    }

    @Test func refusesTheReservedName() throws {
        var fixture = try Fixture()
        try fixture.add("c", fixture.config.bytes)
        try fixture.add("l", fixture.layer)
        try fixture.addDockerManifest(config: "c", tags: ["scratch:latest"], layers: ["l"])
        #expect(failure(fixture.contents)?.description == "'scratch' is a reserved name")
    }

    @Test func refusesLinksInCircles() throws {
        var fixture = try Fixture()
        try fixture.add("c", fixture.config.bytes)
        fixture.contents.links[try #require(ArchivePath("x"))] = ArchivePath("y")
        fixture.contents.links[try #require(ArchivePath("y"))] = ArchivePath("x")
        try fixture.addDockerManifest(config: "c", tags: [], layers: ["x"])
        #expect(failure(fixture.contents)?.description == "invalid image archive: \"x\" is missing")
    }

    @Test func refusesAWrongSizeInALayout() throws {
        var fixture = try Fixture()
        try fixture.addIndex([try fixture.addManifest(size: 1025)])
        #expect(
            failure(fixture.contents)?.description == "\(fixture.layer.digest): size is 1024 bytes, expected 1025"
        )
    }

    @Test func saysWhatAnArchiveIsNot() throws {
        #expect(failure(ArchiveContents())?.hint == "a tar of a root file system is taken by `socle import`")
        var old = ArchiveContents()
        old.documents[.repositories] = Array("{}".utf8)
        #expect(failure(old)?.kind == .unsupported)
        var none = ArchiveContents()
        none.documents[.dockerManifest] = Array("[]".utf8)
        #expect(failure(none)?.description == "image archive has no images")
    }
}
