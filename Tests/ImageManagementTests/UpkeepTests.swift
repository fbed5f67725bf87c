import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SnapshotStorage
import SocleTesting
import SystemPackage
import Testing

@testable import ImageManagement

struct UpkeepTests {
    /// Writes other bytes of the same number into a blob.
    func damage(_ digest: Digest, in fixture: borrowing CatalogFixture) throws {
        let folder = try Directory.open(fixture.root("blobs/sha256"))
        let name = PathBytes(digest.hex)
        let size = try #require(try folder.status(name)).size
        try folder.remove(name)
        let file = try folder.temporaryFile(mode: 0o644)
        try DescriptorIO.write(file.descriptor.raw, [UInt8](repeating: 1, count: Int(size)).span)
        try file.link(as: name, replace: true)
    }

    @Test func aSoundStoreIsSound() throws {
        let fixture = try CatalogFixture()
        _ = try fixture.importing(Archive.small, as: "a")
        let report = try fixture.catalog.check { _ in }
        #expect(report.isSound)
        #expect(report.blobs == 3)
        #expect(report.images == 1)
    }

    @Test(arguments: 0..<3) func everyDamagedBlobIsFound(_ index: Int) throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a:1")
        try fixture.catalog.tag(image, as: try ImageReference("b"))
        let digest = [image.id, image.manifest.descriptor.digest, image.manifest.value.layers[0].digest][index]
        try damage(digest, in: fixture)
        let report = try fixture.catalog.check { _ in }
        #expect(report.findings.map(\.digest) == [digest])
        #expect(report.findings.first?.images == ["a:1", "b:latest"])
        #expect(report.findings.first?.problem.contains("digest") == true)
    }

    @Test(arguments: 0..<3) func everyMissingBlobIsFound(_ index: Int) throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small)
        let digest = [image.id, image.manifest.descriptor.digest, image.manifest.value.layers[0].digest][index]
        try fixture.content.remove(digest)
        let report = try fixture.catalog.check { _ in }
        #expect(
            report.findings == [.init(digest: digest, problem: "missing", images: [image.id.description])]
        )
    }

    @Test func aDamagedImageCanBeListedAndRemoved() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a")
        try damage(image.id, in: fixture)
        #expect(try fixture.catalog.list().count == 1)
        #expect(throws: (any Error).self) { try fixture.catalog.resolve("a") }
        _ = try fixture.catalog.remove("a", force: false, noPrune: false, users: [])
        #expect(try fixture.catalog.list().isEmpty)
        #expect(try fixture.importing(Archive.small, as: "a").names.count == 1)
        #expect(try fixture.catalog.check { _ in }.isSound)
    }

    @Test func usageIsDockers() throws {
        let fixture = try CatalogFixture()
        let first = try fixture.importing(Archive.small, as: "a", epoch: 1)
        _ = try fixture.importing(Archive.small, as: "b", epoch: 2)
        _ = try fixture.importing(try Archive.tar(["x": "12345"]), as: "c")
        let user = ImageUser(container: "1", image: first.id, isRunning: false)
        let usage = try fixture.catalog.diskUsage(users: [user])
        #expect(usage.images.map(\.sharedSize).sorted() == [0, 8, 8])
        #expect(usage.layersSize == 13)
        #expect(usage.activeImages == 1)
        #expect(usage.reclaimable == 13)
        #expect(usage.blobBytes == (try fixture.content.all()).reduce(0) { $0 + $1.size })
    }

    @Test func aSweepKeepsWhatIsNeeded() throws {
        let fixture = try CatalogFixture()
        _ = try fixture.importing(Archive.small, as: "a")
        let young = try fixture.content.put([1, 2, 3])
        let old = try fixture.content.put([4])
        let cached = try fixture.content.put([5])
        for digest in [old, cached] {
            let time = FileTime(seconds: 1_000_000_000, nanoseconds: 0)
            try Directory.open(fixture.root("blobs/sha256")).setTimes(
                PathBytes(digest.hex),
                accessed: nil,
                modified: time
            )
        }
        try fixture.metadata.cache.put(
            CacheRow(
                key: "k",
                result: Array("{\"blob\":\"\(cached)\"}".utf8),
                parts: [],
                createdAt: 0,
                usedAt: 0,
                size: 1
            )
        )
        // What changed in the file system's current tick counts as new.
        try Command.output(of: "sleep", ["0.05"])
        try fixture.catalog.sweep()
        let blobs = try fixture.blobs()
        #expect(blobs.contains(young))
        #expect(blobs.contains(cached))
        #expect(!blobs.contains(old))
        #expect(blobs.count == 5)
    }

    @Test func findsDigestsInAnyDocument() {
        let hex = String(repeating: "0a", count: 32)
        let text = "{\"a\":\"sha256:\(hex)\",\"b\":\"/trees/\(hex)/x\",\"c\":\"\(hex)0\",\"d\":\"0a\"}"
        #expect(Retention.digests(in: Array(text.utf8)).map(\.hex) == [hex])
    }

    @Test(.requires(.root)) func layersAreUnpackedOnceAndRemovedWithTheImage() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a")
        let trees = try fixture.catalog.lowers(for: image)
        #expect(trees.count == 1)
        let file = try Directory.open(trees[0]).open("etc/name", flags: 0)
        #expect(try DescriptorIO.readAll(file.raw, limit: 100) == Array("hello\n".utf8))
        #expect(try fixture.catalog.lowers(for: image) == trees)
        let data = try fixture.catalog.inspect(image)["GraphDriver"]?["Data"]
        #expect(data?["UpperDir"]?.text == trees[0].string)
        _ = try fixture.catalog.remove("a", force: false, noPrune: false, users: [])
        #expect(try Directory.open(fixture.root("trees")).names().isEmpty)
        #expect(try Directory.open(fixture.root("tmp")).names().isEmpty)
    }

    @Test(.requires(.root)) func aDamagedLayerIsNotUnpacked() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a")
        try damage(image.manifest.value.layers[0].digest, in: fixture)
        let failure = #expect(throws: (any Error).self) { try fixture.catalog.lowers(for: image) } as? any Failure
        #expect(failure?.kind == .corrupt)
        #expect(try Directory.open(fixture.root("tmp")).names().isEmpty)
    }

    @Test(.requires(.root)) func severalLayersComeTopFirst() throws {
        let fixture = try CatalogFixture()
        let base = try fixture.importing(Archive.small)
        let upper = try Archive.tar(["top": "x"])
        let digest = try fixture.content.put(upper)
        let layers = [
            (diffID: base.config.value.rootfs.diffIDs[0], blob: base.manifest.value.layers[0]),
            (diffID: digest, blob: Descriptor(mediaType: .ociLayer, digest: digest, size: Int64(upper.count))),
        ]
        let trees = try fixture.catalog.lowers(for: layers)
        #expect(trees.map { $0.lastComponent?.string } == [digest.hex, layers[0].diffID.hex])
        #expect(try Directory.open(trees[0]).status("top") != nil)
    }
}
