import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SocleTesting
import Testing

@testable import ImageManagement

struct CatalogTests {
    func words(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return (error as? any Failure)?.description }
    }

    @Test func findsByNameAndID() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "user/app:1")
        try fixture.catalog.tag(image, as: try ImageReference("b"))
        for text in [
            "user/app:1", "docker.io/user/app:1", "b", "b:latest", image.id.description, image.id.hex,
            image.id.short, "sha256:\(image.id.short)", "b@\(image.manifest.descriptor.digest)",
        ] {
            #expect(try fixture.catalog.resolve(text).id == image.id, "\(text)")
        }
    }

    @Test(arguments: [
        ("nope", "No such image: nope:latest"), ("nope:1", "No such image: nope:1"),
        ("UP", "invalid reference format: repository name (library/UP) must be lowercase"),
        ("", "invalid reference format"), ("a:b:c", "invalid reference format"), ("abcd", "No such image: abcd:latest"),
        ("sha256:abcd", "No such image: sha256:abcd"),
    ])
    func missesInDockersWords(_ text: String, _ expected: String) throws {
        let fixture = try CatalogFixture()
        #expect(words { _ = try fixture.catalog.resolve(text) } == expected)
    }

    @Test func missesACompleteID() throws {
        let fixture = try CatalogFixture()
        let id = Digest.of([7])
        #expect(words { _ = try fixture.catalog.resolve(id.hex) } == "No such image: \(id)")
    }

    @Test func aNameWinsOverAnIDThatBeginsTheSame() throws {
        let fixture = try CatalogFixture()
        let first = try fixture.importing(Archive.small, epoch: 1)
        let second = try fixture.importing(Archive.small, epoch: 2)
        let prefix = String(first.id.hex.prefix(12))
        try fixture.catalog.tag(second, as: try ImageReference(prefix))
        #expect(try fixture.catalog.resolve(prefix).id == second.id)
        #expect(try fixture.catalog.resolve(String(first.id.hex.prefix(13))).id == first.id)
    }

    @Test func refusesNamesForTagging() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small)
        #expect(
            words { try fixture.catalog.tag(image, as: try ImageReference("scratch:2")) }
                == "'scratch' is a reserved name"
        )
        let digest = try ImageReference("x@\(image.id)")
        #expect(
            words { try fixture.catalog.tag(image, as: digest) } == "refusing to create a tag with a digest reference"
        )
        #expect(try fixture.catalog.list().map(\.isDangling) == [true])
    }

    @Test func theIndexNamesEveryImage() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a:1")
        try fixture.catalog.tag(image, as: try ImageReference("a:2"))
        let file = try Directory.open(fixture.root.path).openForReading("index.json")
        let index = try JSON.decode(ImageIndex.self, from: DescriptorIO.readAll(file.raw, limit: 1 << 20))
        #expect(
            index.manifests.map { $0.annotations?[Annotation.imageName] } == [
                "docker.io/library/a:1", "docker.io/library/a:2",
            ]
        )
        #expect(index.manifests.allSatisfy { $0.digest == image.manifest.descriptor.digest })
    }

    @Test func removingTheLastNameFreesEverything() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a:1")
        try fixture.catalog.tag(image, as: try ImageReference("a:2"))
        #expect(try fixture.catalog.remove("a:1", force: false, noPrune: false, users: []) == [.untagged("a:1")])
        let removals = try fixture.catalog.remove("a:2", force: false, noPrune: false, users: [])
        #expect(removals == [.untagged("a:2"), .deleted(image.id), .deleted(Digest.of(Archive.small))])
        #expect(try fixture.blobFiles() == 0)
        #expect(try fixture.catalog.list().isEmpty)
        #expect(
            words { _ = try fixture.catalog.remove("a:2", force: true, noPrune: false, users: []) }
                == "No such image: a:2"
        )
    }

    @Test func sharedLayersStay() throws {
        let fixture = try CatalogFixture()
        let first = try fixture.importing(Archive.small, as: "a", epoch: 1)
        let second = try fixture.importing(Archive.small, as: "b", epoch: 2)
        #expect(
            try fixture.catalog.remove("a", force: false, noPrune: false, users: [])
                == [.untagged("a:latest"), .deleted(first.id)]
        )
        #expect(try fixture.blobs().count == 3)
        #expect(try fixture.catalog.check { _ in }.isSound)
        #expect(try fixture.catalog.resolve("b").id == second.id)
    }

    @Test func aContainersLayersStayWhenItsImageIsForcedOut() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a")
        let layer = try #require(image.manifest.value.layers.first).digest
        let document = Array("{\"lowers\":[\"/x/trees/\(layer.hex)\"]}".utf8)
        let id = String(repeating: "ab", count: 32)
        try fixture.metadata.containers.insert(
            ContainerRow(id: id, name: "n", image: image.id, imageName: "a", createdAt: 0, document: document)
        )
        let user = ImageUser(container: id, image: image.id, isRunning: false)
        #expect(throws: (any Error).self) {
            try fixture.catalog.remove("a", force: false, noPrune: false, users: [user])
        }
        _ = try fixture.catalog.remove("a", force: true, noPrune: false, users: [user])
        #expect(try fixture.blobs() == [layer])
    }

    @Test func registersWhatABuildMade() throws {
        let fixture = try CatalogFixture()
        let layer = try fixture.content.put(Archive.small)
        var config = ImageConfig(platform: .host, config: ContainerConfig(), diffIDs: [layer])
        config.history = [History(createdBy: "COPY . /")]
        let descriptor = Descriptor(mediaType: .ociLayer, digest: layer, size: Int64(Archive.small.count))
        let image = try fixture.catalog.register(
            config: config,
            layers: [descriptor],
            tags: [try ImageReference("x"), try ImageReference("y:2")]
        )
        #expect(image.names.map(\.familiar) == ["x:latest", "y:2"])
        #expect(try fixture.catalog.history(image).map(\.size) == [8])
        #expect(try fixture.catalog.list().map(\.size) == [8])
    }

    @Test func doesNotRegisterWithoutItsLayers() throws {
        let fixture = try CatalogFixture()
        let config = ImageConfig(platform: .host, diffIDs: [Digest.of([1])])
        let missing = Descriptor(mediaType: .ociLayer, digest: Digest.of([1]), size: 1)
        #expect(throws: (any Error).self) {
            try fixture.catalog.register(config: config, layers: [missing], tags: [try ImageReference("x")])
        }
        #expect(try fixture.blobFiles() == 0)
        #expect(try fixture.catalog.list().isEmpty)
        #expect(try fixture.metadata.leases.all().isEmpty)
    }
}
