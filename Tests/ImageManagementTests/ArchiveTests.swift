import ByteStreams
import CompressionCodecs
import LinuxSystem
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import TarFormat
import Testing

@testable import ImageManagement

/// `save` and `load` with each other; with other programs in `InteropTests`.
struct ArchiveTests {
    @Test(arguments: [Compression.none, .gzip, .zstd, .xz])
    func whatIsSavedIsLoadedTheSame(_ compression: Compression) throws {
        let from = try CatalogFixture()
        let image = try from.importing(
            try Archive.compressed(Archive.small, compression),
            as: "a:1",
            changes: ["CMD x"]
        )
        try from.catalog.tag(image, as: try ImageReference("b/c:2"))
        let bytes = try from.saved("a:1", "b/c:2")
        let to = try CatalogFixture()
        let loaded = try to.loading(bytes)
        #expect(loaded.map(\.lines) == [["Loaded image: b/c:2", "Loaded image: a:1"]])
        let back = try to.catalog.resolve("a:1")
        #expect(back.id == image.id)
        #expect(back.manifest.descriptor.digest == image.manifest.descriptor.digest)
        #expect(back.names.map(\.familiar) == ["b/c:2", "a:1"])
        #expect(try to.blobs() == from.blobs())
        #expect(try to.saved("a:1", "b/c:2") == bytes)
        #expect(try to.catalog.list().map(\.size) == [8])
    }

    @Test(arguments: [Compression.gzip, .bzip2, .xz, .zstd])
    func loadsCompressedArchives(_ compression: Compression) throws {
        let from = try CatalogFixture()
        let image = try from.importing(Archive.small, as: "a")
        let to = try CatalogFixture()
        let loaded = try to.loading(try Archive.compressed(try from.saved("a"), compression))
        #expect(loaded.map(\.id) == [image.id])
    }

    @Test func aRepositoryStandsForItsTagsAndAnIDForNone() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a:1", epoch: 1)
        _ = try fixture.importing(Archive.small, as: "a:2", epoch: 2)
        let other = try CatalogFixture()
        #expect(try other.loading(try fixture.saved("a")).map { $0.names.map(\.familiar) } == [["a:1"], ["a:2"]])
        let third = try CatalogFixture()
        #expect(try third.loading(try fixture.saved(image.id.short)).map(\.lines) == [["Loaded image ID: \(image.id)"]])
        let failure = #expect(throws: PlainFailure.self) { try fixture.saved("nope") }
        #expect(failure?.description == "No such image: nope")
    }

    @Test func sharedLayersAreSavedOnce() throws {
        let fixture = try CatalogFixture()
        _ = try fixture.importing(Archive.small, as: "a", epoch: 1)
        _ = try fixture.importing(Archive.small, as: "b", epoch: 2)
        let names = try Archive.members(try fixture.saved("a", "b", "a")).map(\.name)
        #expect(names.count == Set(names).count)
        #expect(names.filter { $0.hasPrefix("blobs/sha256/") }.count == 5)
        #expect(
            names.starts(with: ["index.json", "manifest.json", "oci-layout", "repositories", "blobs", "blobs/sha256"])
        )
    }

    @Test func theArchiveIsBothKinds() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "user/a:1")
        let members = Dictionary(uniqueKeysWithValues: try Archive.members(try fixture.saved("user/a:1")))
        let docker = try JSON.decode([DockerArchiveImage].self, from: try #require(members["manifest.json"]))
        #expect(docker.map(\.repositoryTags) == [["user/a:1"]])
        #expect(docker.map(\.config) == ["blobs/sha256/\(image.id.hex)"])
        #expect(members[docker[0].config] == image.config.bytes)
        #expect(docker.flatMap(\.layers).map { members[$0] } == [Archive.small])
        let index = try JSON.decode(ImageIndex.self, from: try #require(members["index.json"]))
        #expect(index.manifests.map(\.digest) == [image.manifest.descriptor.digest])
        #expect(index.manifests.first?.annotations?[Annotation.imageName] == "docker.io/user/a:1")
        #expect(members["oci-layout"] == Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        #expect(
            members["repositories"]
                == Array(#"{"user/a":{"1":"\#(Digest.of(Archive.small).hex)"}}"#.utf8)
        )
    }

    @Test func loadingMovesNamesAndSaysSo() throws {
        let from = try CatalogFixture()
        _ = try from.importing(Archive.small, as: "a", epoch: 1)
        let to = try CatalogFixture()
        let former = try to.importing(Archive.small, as: "a", epoch: 2)
        #expect(
            try to.loading(try from.saved("a")).map(\.lines) == [
                [
                    "The image a:latest already exists, renaming the old one with ID \(former.id) to empty string",
                    "Loaded image: a:latest",
                ]
            ]
        )
        #expect(try to.catalog.list().count == 2)
    }

    @Test func orderDoesNotMatter() throws {
        let from = try CatalogFixture()
        let image = try from.importing(try Archive.compressed(Archive.small, .gzip), as: "a")
        let members = try Archive.members(try from.saved("a")).filter { !["blobs", "blobs/sha256"].contains($0.name) }
        let to = try CatalogFixture()
        #expect(try to.loading(try Archive.tar(of: members.reversed())).map(\.id) == [image.id])
    }

    @Test func readsDockersOldArchives() throws {
        let fixture = try CatalogFixture()
        let config = ImageConfig(
            platform: .host,
            config: ContainerConfig(),
            diffIDs: [Digest.of(Archive.small), Digest.of(Archive.small)]
        )
        let sink = MemorySink()
        var writer = TarWriter(to: sink)
        func append(_ name: String, _ bytes: [UInt8], to writer: inout TarWriter) throws {
            try writer.append(TarEntry(TarPath(name), kind: .file, mode: 0o644, size: Int64(bytes.count)))
            try writer.write(bytes.span)
        }
        try append("aa/VERSION", Array("1.0".utf8), to: &writer)
        try append("aa/json", Array("{}".utf8), to: &writer)
        try append("aa/layer.tar", Archive.small, to: &writer)
        try writer.append(TarEntry("bb/layer.tar", kind: .symbolicLink("../aa/layer.tar"), mode: 0o777))
        let document = try JSON.encode(config)
        try append("c.json", document, to: &writer)
        let manifest = DockerArchiveImage(
            config: "c.json",
            repositoryTags: ["old:1"],
            layers: ["aa/layer.tar", "bb/layer.tar"]
        )
        try append("manifest.json", try JSON.encode([manifest]), to: &writer)
        try append("repositories", Array("{}".utf8), to: &writer)
        try writer.finish()
        let loaded = try fixture.loading(sink.bytes)
        #expect(loaded.map(\.id) == [Digest.of(document)])
        #expect(try fixture.blobs().count == 3)
        #expect(try fixture.catalog.check { _ in }.isSound)
    }

    /// What may be wrong with an archive, and the words that say so.
    static let damages: [(String, String)] = [
        ("no documents", "not an image archive"), ("a layer is gone", "is missing"),
        ("a layer is another", "has the digest"), ("a config is another", "has the digest"),
        ("a truncated end", "unexpected end"), ("points outside", "points outside"),
        ("no archive", "not an image archive"), ("nothing", "it is empty"), ("a large manifest", "the limit is"),
    ]

    @Test(arguments: damages) func refusesAndLeavesNothing(_ damage: String, _ words: String) throws {
        let from = try CatalogFixture()
        let image = try from.importing(Archive.small, as: "a")
        let whole = try from.saved("a")
        var members = try Archive.members(whole).filter { !["blobs", "blobs/sha256"].contains($0.name) }
        let layer = "blobs/sha256/\(Digest.of(Archive.small).hex)"
        func replace(_ name: String, _ bytes: [UInt8]) {
            for index in members.indices where members[index].name == name { members[index].bytes = bytes }
        }
        var bytes: [UInt8]?
        switch damage {
        case "no documents": members.removeAll { !$0.name.hasPrefix("blobs/") }
        case "a layer is gone": members.removeAll { $0.name == layer }
        case "a layer is another": replace(layer, try Archive.tar(["x": "y"]))
        case "a config is another": replace("blobs/sha256/\(image.id.hex)", Array(#"{"rootfs":{}}"#.utf8))
        case "a truncated end": bytes = Array(whole.prefix(whole.count - 3000))
        case "points outside": members.append(("../../x", [1]))
        case "no archive": bytes = Array("garbage".utf8)
        case "nothing": bytes = []
        default: replace("manifest.json", [UInt8](repeating: UInt8(ascii: "["), count: (8 << 20) + 1))
        }
        let to = try CatalogFixture()
        let archive = try bytes ?? Archive.tar(of: members)
        let failure = #expect(throws: (any Error).self, "\(damage)") { try to.loading(archive) } as? any Failure
        #expect(failure?.description.contains(words) == true, "\(damage): \(failure?.description ?? "no failure")")
        #expect(try to.blobFiles() == 0)
        #expect(try to.catalog.list().isEmpty)
    }

    @Test func aHostileLayerIsRefused() throws {
        let fixture = try CatalogFixture()
        let layer = try Archive.tar(["../escape": "x"])
        let config = try JSON.encode(ImageConfig(platform: .host, diffIDs: [Digest.of(layer)]))
        let manifest = DockerArchiveImage(config: "c", repositoryTags: [], layers: ["l"])
        let bytes = try Archive.tar(of: [("l", layer), ("c", config), ("manifest.json", try JSON.encode([manifest]))])
        let failure = #expect(throws: PlainFailure.self) { try fixture.loading(bytes) }
        #expect(failure?.description.hasPrefix("layer 0 (\(Digest.of(layer))):") == true)
        #expect(try fixture.blobFiles() == 0)
    }

    @Test func whatNobodyNamesIsNotKept() throws {
        let from = try CatalogFixture()
        _ = try from.importing(Archive.small, as: "a")
        var members = try Archive.members(try from.saved("a")).filter { !["blobs", "blobs/sha256"].contains($0.name) }
        members.insert(("stray.bin", [UInt8](repeating: 7, count: 5000)), at: 0)
        members.append(("stray.tar", try Archive.tar(["z": "z"])))
        let to = try CatalogFixture()
        _ = try to.loading(try Archive.tar(of: members))
        #expect(try to.blobFiles() == 3)
    }
}
