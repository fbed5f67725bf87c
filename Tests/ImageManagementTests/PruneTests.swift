import ByteStreams
import LinuxSystem
import MetadataStorage
import OCISpec
import SnapshotStorage
import SocleTesting
import SystemPackage
import Testing

@testable import ImageManagement

/// `image prune`, and that nothing goes that somebody works with.
struct PruneTests {
    private func pruning(_ change: (inout ImagePruning) -> Void = { _ in }) -> ImagePruning {
        var pruning = ImagePruning()
        change(&pruning)
        return pruning
    }

    @Test func takesOnlyImagesWithoutNames() throws {
        let fixture = try CatalogFixture()
        let named = try fixture.importing(Archive.small, as: "a", epoch: 1)
        let nameless = try fixture.importing(try Archive.tar(["x": "12345"]), epoch: 2)
        let report = try fixture.catalog.prune(pruning())
        #expect(report.removals == [.deleted(nameless.id), .deleted(nameless.chainIDs[0])])
        #expect(report.reclaimed == 5)
        #expect(try fixture.catalog.list().map(\.id) == [named.id])
        #expect(try fixture.blobs().count == 3)
        #expect(try fixture.catalog.prune(pruning()) == ImagePruneReport())
        #expect(try fixture.metadata.layers.all().count == 1)
    }

    @Test func allTakesNamesTooAndSharedLayersGoWithTheLast() throws {
        let fixture = try CatalogFixture()
        let older = try fixture.importing(Archive.small, as: "a:1", epoch: 1)
        try fixture.catalog.tag(older, as: try ImageReference("b:2"))
        let newer = try fixture.importing(Archive.small, as: "c", epoch: 2)
        let report = try fixture.catalog.prune(pruning { $0.takesNamed = true })
        #expect(
            report.removals.map(\.description) == [
                "Untagged: c:latest", "Deleted: \(newer.id)", "Untagged: a:1", "Untagged: b:2", "Deleted: \(older.id)",
                "Deleted: \(older.chainIDs[0])",
            ]
        )
        #expect(report.reclaimed == 8)
        #expect(try fixture.blobs().isEmpty)
        #expect(try fixture.metadata.tags.all().isEmpty)
    }

    @Test func timesAndLabelsChoose() throws {
        let fixture = try CatalogFixture()
        for (name, labels, epoch) in [("old", "a=1", 100), ("middle", "a=2", 200), ("new", "b=", 300)] {
            let words = ["LABEL \(labels)"]
            _ = try fixture.importing(Archive.small, as: name, changes: words, epoch: Int64(epoch))
        }
        func gone(_ change: (inout ImagePruning) -> Void) throws -> [String] {
            let report = try fixture.catalog.prune(
                pruning {
                    $0.takesNamed = true
                    change(&$0)
                }
            )
            return report.removals.compactMap { if case .untagged(let name) = $0 { name } else { nil } }
        }
        #expect(try gone { $0.labels.require("nothing") } == [])
        #expect(
            try gone {
                $0.labels.require("a")
                $0.labels.refuse("a=2")
                $0.labels.refuse("nothing")
            } == ["old:latest"]
        )
        #expect(try gone { $0.madeBefore = Timestamp(epochSeconds: 199) } == [])
        #expect(try gone { $0.madeBefore = Timestamp(epochSeconds: 200) } == ["middle:latest"])
        #expect(try gone { $0.labels.refuse("a") } == ["new:latest"])
    }

    @Test func whatContainersWereMadeFromStaysWithItsNames() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a")
        let id = String(repeating: "1", count: 64)
        try fixture.metadata.containers.insert(
            ContainerRow(id: id, name: "c", image: image.id, imageName: "a", createdAt: 0, document: [])
        )
        let all = pruning { $0.takesNamed = true }
        #expect(try fixture.catalog.prune(all) == ImagePruneReport())
        try fixture.metadata.containers.delete(id)
        #expect(try fixture.catalog.prune(all).removals.count == 3)
    }

    @Test func whatSomebodyWorksWithStays() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a")
        let all = pruning { $0.takesNamed = true }
        try fixture.catalog.holding(image) {
            #expect(try fixture.catalog.prune(all) == ImagePruneReport())
            // Who asks for it by name gets it out of the list, but nothing of it is removed.
            _ = try fixture.catalog.remove("a", force: true, noPrune: false, users: [])
            try fixture.catalog.sweep()
            #expect(try fixture.blobs().count == 3)
        }
        #expect(try fixture.metadata.leases.all().isEmpty)
        #expect(throws: (any Error).self) { try fixture.catalog.holding(image) {} }
    }

    @Test func aSaveHoldsWhatItWrites() throws {
        let fixture = try CatalogFixture()
        _ = try fixture.importing(Archive.small, as: "a")
        let whole = try fixture.saved("a")
        let sink = RemovingSink(fixture.catalog)
        try fixture.catalog.save(["a"], to: sink)
        #expect(sink.all.bytes == whole)
        #expect(try fixture.catalog.list().isEmpty)
    }

    /// Removes the image while it is written.
    private final class RemovingSink: ByteSink {
        let catalog: ImageCatalog
        let all = MemorySink()
        var isFirst = true

        init(_ catalog: ImageCatalog) { self.catalog = catalog }

        func write(_ bytes: Span<UInt8>) throws(StreamError) {
            if isFirst { _ = try? catalog.remove("a", force: true, noPrune: false, users: []) }
            isFirst = false
            try all.write(bytes)
        }
    }

    @Test(.requires(.root)) func aSweepLeavesTreesOfLeasedLayers() throws {
        let fixture = try CatalogFixture()
        let image = try fixture.importing(Archive.small, as: "a")
        let trees = try fixture.catalog.lowers(for: image)
        try fixture.catalog.holding(image) {
            _ = try fixture.catalog.remove("a", force: true, noPrune: false, users: [])
            try fixture.catalog.sweep()
            #expect(try Directory.open(trees[0]).names().count == 2)
        }
        try fixture.catalog.sweep()
        #expect(throws: (any Error).self) { _ = try Directory.open(trees[0]) }
    }
}
