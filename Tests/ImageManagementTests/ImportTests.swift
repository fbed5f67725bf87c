import ByteStreams
import CompressionCodecs
import LinuxSystem
import OCISpec
import Reporting
import SocleTesting
import Testing

@testable import ImageManagement

struct ImportTests {
    @Test func keepsAPlainTarAsItIs() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "base:1", changes: ["CMD [\"sh\"]"])
        let layer = try #require(image.manifest.value.layers.first)
        #expect(layer.digest == Digest.of(Archive.small))
        #expect(layer.mediaType == .ociLayer)
        #expect(image.config.value.rootfs.diffIDs == [layer.digest])
        #expect(image.id == image.config.descriptor.digest)
        #expect(image.names.map(\.familiar) == ["base:1"])
        #expect(image.config.value.config?.cmd == ["sh"])
        #expect(image.config.value.platform == .host)
        #expect(image.config.value.comment == "Imported from -")
        #expect(image.config.value.history.map(\.comment) == ["Imported from -"])
        #expect(try fixture.blobs().count == 3)
        #expect(try fixture.catalog.list().map(\.size) == [8])
    }

    @Test(arguments: [(Compression.gzip, MediaType.ociLayerGzip), (.zstd, .ociLayerZstd)])
    func keepsGzipAndZstdAsTheyCome(_ compression: Compression, _ type: MediaType) throws {
        let fixture = try CatalogFixture()
        let bytes = try Archive.compressed(Archive.small, compression)
        let image = try fixture.importing(bytes)
        let layer = try #require(image.manifest.value.layers.first)
        #expect(layer.digest == Digest.of(bytes))
        #expect(layer.mediaType == type)
        #expect(image.config.value.rootfs.diffIDs == [Digest.of(Archive.small)])
        #expect(image.names.isEmpty)
    }

    @Test(arguments: [Compression.bzip2, .xz])
    func storesOthersUncompressed(_ compression: Compression) throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(try Archive.compressed(Archive.small, compression))
        let layer = try #require(image.manifest.value.layers.first)
        #expect(layer.digest == Digest.of(Archive.small))
        #expect(layer.mediaType == .ociLayer)
    }

    @Test func nothingIsAnEmptyLayer() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing([])
        #expect(image.config.value.rootfs.diffIDs.map(\.short) == ["e3b0c44298fc"])
    }

    @Test func theEpochClampsTheTime() throws {
        let fixture = try CatalogFixture()
        let first = try fixture.importing(Archive.small, epoch: 86_400)
        #expect(first.config.value.created == "1970-01-02T00:00:00Z")
        #expect(first.config.value.history.map(\.created) == ["1970-01-02T00:00:00Z"])
        let again = try CatalogFixture()
        #expect(try again.importing(Archive.small, epoch: 86_400).id == first.id)
        let late = try fixture.importing(Archive.small, epoch: 253_402_300_000)
        #expect(try Timestamp(try #require(late.config.value.created)) <= Timestamp.now)
    }

    @Test func takesMessageAndPlatform() throws {
        let fixture = try CatalogFixture()
        var request = ImportRequest()
        request.message = "hand made"
        request.platform = Platform(os: "linux", architecture: "arm64")
        request.source = "http://example.com/x.tar"
        let image = try fixture.catalog.importRootfs(request, from: MemorySource(Archive.small)) { _ in }
        #expect(image.config.value.comment == "hand made")
        #expect(image.config.value.architecture == "arm64")
        request.message = nil
        let other = try fixture.catalog.importRootfs(request, from: MemorySource(Archive.small)) { _ in }
        #expect(other.config.value.comment == "Imported from http://example.com/x.tar")
    }

    @Test(arguments: [
        ("scratch", "'scratch' is a reserved name"), ("docker.io/library/scratch:1", "'scratch' is a reserved name"),
        ("a@sha256:\(String(repeating: "0", count: 64))", "cannot import digest reference"),
        ("sha256:abc", "refusing to create an ambiguous tag using digest algorithm as name"),
    ])
    func refusesNames(_ name: String, _ words: String) throws {
        let fixture = try CatalogFixture()
        let failure = #expect(throws: (any Error).self) { try fixture.importing(Archive.small, as: name) }
        #expect((failure as? any Failure)?.description == words)
        #expect(try fixture.blobFiles() == 0)
    }

    static let bad: [(String, [UInt8])] = {
        do {
            let gzip = try Archive.compressed(Archive.small, .gzip)
            return [
                ("garbage", Array("this is not an archive".utf8)),
                ("truncated tar", Array(Archive.small.prefix(700))),
                ("truncated gzip", Array(gzip.prefix(gzip.count - 9))),
                ("trailing bytes", gzip + [1, 2, 3]),
                ("parent", try Archive.tar(["../etc/passwd": "x"])),
                ("hidden root", try Archive.tar([".wh..": "x"])),
            ]
        } catch { return [] }
    }()

    @Test(arguments: bad) func refusesAndLeavesNothing(_ name: String, _ bytes: [UInt8]) throws {
        let fixture = try CatalogFixture()
        let failure = #expect(throws: (any Error).self, "\(name)") { try fixture.importing(bytes, as: "x") }
        #expect((failure as? any Failure)?.kind == .corrupt)
        #expect(try fixture.blobFiles() == 0)
        #expect(try fixture.catalog.list().isEmpty)
    }

    @Test func aBadChangeLeavesNothing() throws {
        let fixture = try CatalogFixture()
        #expect(throws: (any Error).self) { try fixture.importing(Archive.small, changes: ["RUN x"]) }
        #expect(try fixture.blobFiles() == 0)
    }

    @Test func hintsAtImageArchives() throws {
        let fixture = try CatalogFixture()
        _ = try fixture.importing(Archive.small, as: "a")
        let archive = try fixture.saved("a")
        let notes = Guarded<[String]>([])
        _ = try fixture.catalog.importRootfs(ImportRequest(), from: MemorySource(archive)) { event in
            if case .note(let text) = event { notes.update { $0.append(text) } }
        }
        #expect(notes.update { $0 } == ["this looks like an image archive; did you mean `socle load`?"])
    }

    @Test(arguments: [
        ("oci-layout", true), ("blobs", true), ("blobs/sha256/x", true), ("manifest.json", true), ("etc", false),
        ("086cff398bec8be313bcfd21f314d66747019502693651e1eae863b48af46820", true),
        ("086cff398bec8be313bcfd21f314d66747019502693651e1eae863b48af46820.tar", true), ("etc/manifest.json", false),
    ])
    func knowsHowImageArchivesBegin(_ name: String, _ isOne: Bool) throws {
        #expect(ImageCatalog.looksLikeImageArchive(try #require(ArchivePath(name))) == isOne)
    }

    @Test func aBombIsStopped() throws {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        let source = MemorySource(zeros)
        let counted = CountingSource(MemorySource([1, 2, 3]))
        let bounded = ExpansionGuard(source, compressed: counted, allowance: 1 << 16)
        #expect(throws: StreamError.self) { try bounded.drain() }
        #expect(try ExpansionGuard(MemorySource(zeros), compressed: counted).drain() == 1 << 20)
    }

    @Test func importingTwiceIsOneImageAndMovesTheName() throws {
        let fixture = try CatalogFixture()
        let first = try fixture.importing(Archive.small, as: "a", epoch: 1)
        let same = try fixture.importing(Archive.small, as: "a", epoch: 1)
        #expect(first.id == same.id)
        let other = try fixture.importing(Archive.small, as: "a", epoch: 2)
        #expect(try fixture.catalog.resolve("a").id == other.id)
        #expect(try fixture.catalog.list().map(\.isDangling) == [false, true])
    }
}
