import OCISpec
import Reporting
import SocleTesting
import Testing

@testable import MetadataStorage

@Suite struct TableTests {
    private func image(_ name: String, parent: Digest? = nil) -> ImageRow {
        ImageRow(
            id: .of(Array(name.utf8)),
            manifest: Descriptor(of: Array("m-\(name)".utf8), mediaType: .ociManifest),
            createdAt: nil,
            addedAt: 5,
            size: 100,
            parent: parent
        )
    }

    @Test func registriesAreRememberedByDigest() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        let (one, two) = (image("one"), image("two"))
        for row in [one, two] { try store.images.upsert(row) }
        let origins = store.origins
        let (debian, digest) = ("docker.io/library/debian", Digest.of([1]))
        try origins.set(repository: debian, digest: digest, image: one.id, publisher: "official", at: 7)
        #expect(try origins.image(repository: debian, digest: digest) == one.id)
        #expect(try origins.image(repository: "docker.io/a/b", digest: digest) == nil)
        // A publisher stays known until another one is told, whatever image the digest stands for.
        try origins.set(repository: debian, digest: digest, image: two.id, at: 8)
        let row = OriginRow(repository: debian, digest: digest, image: two.id, recordedAt: 8, publisher: "official")
        #expect(try origins.rows(of: two.id) == [row] && origins.rows(of: one.id) == [])
        try origins.set(repository: "a.test/x", digest: digest, image: two.id, at: 9)
        #expect(try origins.all().map(\.repository) == ["a.test/x", debian])
        #expect(try origins.delete(repository: debian, digest: digest) && !origins.delete(repository: debian, digest: digest))
        #expect(try origins.delete(repository: "a.test/x", image: two.id) == 1)
        #expect(throws: MetadataError.self, "an image that isn't there is nowhere") {
            try origins.set(repository: debian, digest: digest, image: image("three").id)
        }
    }

    @Test func imagesAreFoundByIDAndPrefix() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        let rows = (0..<40).map { image("image \($0)") }
        for row in rows { try store.images.upsert(row) }
        #expect(try store.images.row(rows[3].id) == rows[3])
        #expect(try store.images.row(.of([])) == nil)
        #expect(try store.images.find(idPrefix: String(rows[3].id.hex.prefix(12))) == [rows[3].id])
        #expect(try store.images.find(idPrefix: rows[3].id.description) == [rows[3].id])
        #expect(try store.images.find(idPrefix: "") == [])
        #expect(try store.images.find(idPrefix: "zz") == [])
        #expect(try store.images.find(idPrefix: "%") == [])
        let ambiguous = Dictionary(grouping: rows) { $0.id.hex.prefix(1) }.values.contains { $0.count > 1 }
        #expect(ambiguous, "40 images share first digits")
        #expect(try store.images.all().count == 40)
    }

    @Test func anImageKeepsItsTagsWhenItComesAgain() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        var row = image("a", parent: .of([9]))
        try store.images.upsert(row)
        try store.tags.set(name: "docker.io/library/a:latest", image: row.id)
        row.size = 7
        row.parent = nil
        try store.images.upsert(row)
        #expect(try store.tags.image("docker.io/library/a:latest") == row.id)
        #expect(try store.images.row(row.id)?.size == 7)
        #expect(try store.images.row(row.id)?.parent == .of([9]), "a parent that was known stays known")
        #expect(try store.images.children(of: .of([9])).map(\.id) == [row.id])
    }

    @Test func tagsMoveAndGoWithTheirImage() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        let (one, two) = (image("1"), image("2"))
        try store.images.upsert(one)
        try store.images.upsert(two)
        try store.tags.set(name: "n:1", image: one.id, at: 1)
        try store.tags.set(name: "n:2", image: one.id, at: 2)
        try store.tags.set(name: "n:1", image: two.id, at: 3)
        #expect(try store.tags.names(of: one.id) == ["n:2"])
        #expect(try store.tags.all().map(\.taggedAt) == [3, 2])
        #expect(try store.images.delete(two.id))
        #expect(try store.tags.image("n:1") == nil)
        #expect(try !store.images.delete(two.id))
        #expect(try store.tags.delete("n:2"))
        #expect(try !store.tags.delete("n:2"))
        #expect(throws: MetadataError.self, "a tag needs an image") {
            try store.tags.set(name: "n:3", image: two.id)
        }
    }

    @Test func layersAreReplaced() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        let plain = Descriptor(of: [1], mediaType: .ociLayer)
        let packed = Descriptor(of: [2], mediaType: .ociLayerGzip)
        try store.layers.set(LayerRow(diffID: plain.digest, blob: packed))
        try store.layers.set(LayerRow(diffID: plain.digest, blob: plain))
        #expect(try store.layers.all() == [LayerRow(diffID: plain.digest, blob: plain)])
        try store.layers.set(LayerRow(diffID: plain.digest, blob: plain, contentSize: 42))
        try store.layers.set(LayerRow(diffID: plain.digest, blob: packed))
        let row = LayerRow(diffID: plain.digest, blob: packed, contentSize: 42)
        #expect(try store.layers.row(plain.digest) == row, "a count that was made stays")
        #expect(try store.layers.delete(plain.digest))
        #expect(try store.layers.blob(for: plain.digest) == nil)
    }

    @Test func theCacheKeepsWhatItIsGiven() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        let plain = CacheRow(key: "a", result: [1], parts: [], createdAt: 1, usedAt: 1, size: 2)
        var stepped = CacheRow(
            key: "b",
            result: [2],
            parts: [.init(name: "operation", value: "run"), .init(name: "argument", value: "make")],
            step: .init(kind: "run", description: "RUN make", project: "p", place: "1", below: "x"),
            createdAt: 1,
            usedAt: 1,
            size: 2
        )
        for row in [plain, stepped] { try store.cache.put(row) }
        #expect(try store.cache.row("a") == plain)
        #expect(try store.cache.row("b") == stepped)
        #expect(try store.cache.result(of: "b") == [2])
        #expect(try store.cache.result(of: "c") == nil)
        try store.cache.touch("a", at: 10)
        try store.cache.touch("a", at: 9)
        #expect(try store.cache.all().map(\.key) == ["b", "a"])
        #expect(try store.cache.row("a")?.usedAt == 10)
        #expect(try store.cache.row("a")?.uses == 2)
        stepped.step?.place = "2"
        try store.cache.put(stepped)
        #expect(try store.cache.row("b") == stepped)
        try store.cache.putMembers([1, 2, 3], for: "b")
        #expect(try store.cache.members(of: "b") == [1, 2, 3])
        #expect(try store.cache.members(of: "a") == nil)
        #expect(try store.cache.delete("b"))
        #expect(try store.cache.members(of: "b") == nil)
        #expect(try store.cache.deleteAll() == 1)
    }

    @Test func theCacheFindsWhatAStepIsLike() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        func step(_ description: String, _ project: String, _ place: String, _ below: String = "x") -> CacheRow.Step {
            CacheRow.Step(kind: "run", description: description, project: project, place: place, below: below)
        }
        let steps = [
            "same": step("RUN make", "p", "2"), "moved": step("RUN make", "p", "3", "y"),
            "elsewhere": step("RUN make", "q", "2"), "changed": step("RUN test", "p", "2"),
            "unlike": step("RUN other", "p", "5"), "other kind": step("RUN make", "p", "2"),
        ]
        for (key, value) in steps {
            var step = value
            if key == "other kind" { step.kind = "file" }
            try store.cache.put(
                CacheRow(key: key, result: [], parts: [], step: step, createdAt: 5, usedAt: 5, size: 0)
            )
        }
        func keys(_ step: CacheRow.Step, before time: Int64 = 10) throws -> [String] {
            try store.cache.candidates(for: step, madeBefore: time).map(\.key)
        }
        #expect(try keys(step("RUN make", "p", "2")) == ["same", "moved", "elsewhere", "changed"])
        #expect(try keys(step("RUN make", "p", "3", "z")).first == "moved")
        #expect(try keys(step("RUN new", "p", "5")) == ["unlike"])
        #expect(try keys(step("RUN new", "p", "9")) == [])
        #expect(try keys(step("RUN make", "p", "2"), before: 5) == [])
        // Of equals the one that was used last.
        try store.cache.put(
            CacheRow(key: "same 2", result: [], parts: [], step: steps["same"], createdAt: 4, usedAt: 9, size: 0)
        )
        #expect(try keys(step("RUN make", "p", "2")).prefix(2) == ["same 2", "same"])
    }

    @Test func theStatCacheTrustsOnlySettledFiles() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        let second: Int64 = 1_000_000_000
        func content(_ byte: UInt8) -> StatContent {
            StatContent(sha256: [UInt8](repeating: byte, count: 32), attributes: [byte])
        }
        func found(_ key: StatKey) throws -> StatContent? { try store.statCache.contents(of: [key])[0] }
        let key = StatKey(device: .max, inode: 1 << 63, size: 3, modifiedAt: -5, changedAt: 100 * second + 1)
        try store.statCache.put([(key, content(1))], readAt: 100 * second + 2)
        #expect(try found(key) == nil, "changed too shortly before it was read")
        try store.statCache.put([(key, content(1))], readAt: 101 * second)
        #expect(try found(key) == content(1))
        var other = key
        other.changedAt += 1
        #expect(try found(other) == nil)
        try store.statCache.put([(other, content(2))], readAt: 102 * second)
        #expect(try found(other) == content(2))
        #expect(try found(key) == nil, "one entry for each file")
        #expect(try store.statCache.count() == 1)
        #expect(try store.statCache.delete(recordedBefore: 103 * second) == 1)
    }

    @Test func manyFilesAreFoundInOneWalk() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        func key(_ device: UInt64, _ inode: UInt64) -> StatKey {
            StatKey(device: device, inode: inode, size: 1, modifiedAt: 1, changedAt: 1)
        }
        func content(_ key: StatKey) -> StatContent {
            StatContent(sha256: [UInt8](repeating: UInt8(truncatingIfNeeded: key.inode &* 7 &+ key.device), count: 32))
        }
        var known: [StatKey] = []
        for device: UInt64 in [1, 2, .max] { for inode: UInt64 in 1...500 { known.append(key(device, inode * 3)) } }
        try store.transaction {
            try store.statCache.put(known.map { ($0, content($0)) }, readAt: 10_000_000_000)
        }
        // Known and unknown ones, near and far, twice the same, in no order.
        var asked: [StatKey] = [
            key(1, 3), key(3, 3), key(1, 1 << 63), key(.max, 1500), key(2, 900), key(1, 3), key(0, 0),
        ]
        for inode: UInt64 in 0...1600 { asked.append(key(2, inode * 991 % 1601)) }
        let stored = Set(known)
        let found = try store.statCache.contents(of: asked)
        for (key, content) in zip(asked, found) {
            #expect(
                content
                    == (stored.contains(key)
                        ? StatContent(
                            sha256: [UInt8](
                                repeating: UInt8(truncatingIfNeeded: key.inode &* 7 &+ key.device),
                                count: 32
                            )
                        ) : nil)
            )
        }
        #expect(try store.statCache.contents(of: []).isEmpty)
    }

    @Test func containersAreFoundAsDockerFindsThem() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        func container(_ id: String, _ name: String) -> ContainerRow {
            ContainerRow(id: id, name: name, image: .of([]), imageName: "i", createdAt: 1, document: [0, 255])
        }
        try store.containers.insert(container("abc123", "one"))
        try store.containers.insert(container("abd456", "abc"))
        #expect(try store.containers.row("one")?.id == "abc123")
        #expect(try store.containers.row("/one")?.id == "abc123")
        #expect(try store.containers.row("abc")?.id == "abd456", "a name goes before a prefix")
        #expect(try store.containers.row("abc1")?.id == "abc123")
        #expect(try store.containers.row("abc123")?.document == [0, 255])
        #expect(try store.containers.row("x") == nil)
        #expect(try store.containers.row("") == nil)
        let ambiguous = #expect(throws: MetadataError.self) { try store.containers.row("ab") }
        #expect(ambiguous?.reason == .ambiguous("ab"))
        let taken = #expect(throws: MetadataError.self) { try store.containers.insert(container("fff", "one")) }
        #expect(taken?.kind == .conflict)
        #expect(
            taken?.description
                == "Conflict. The container name \"/one\" is already in use by container \"abc123\". "
                + "You have to remove (or rename) that container to be able to reuse that name."
        )
        #expect(throws: MetadataError.self) { try store.containers.update(container("abd456", "one")) }
        #expect(try store.containers.update(container("abd456", "two")))
        #expect(try !store.containers.update(container("eee", "three")))
        #expect(try store.containers.delete("abd456"))
        #expect(try store.containers.all().map(\.name) == ["one"])
    }

    @Test func leasesLiveAsLongAsTheirProcess() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        let me = try #require(ProcessIdentity.current)
        #expect(me.isAlive == true)
        var later = me
        later.start += 1
        #expect(later.isAlive == false, "another process with the same number")
        var otherBoot = me
        otherBoot.bootID = "x"
        #expect(otherBoot.isAlive == false)
        var elsewhere = me
        elsewhere.pidNamespace = "pid:[1]"
        #expect(elsewhere.isAlive == nil)

        let mine = try store.leases.create()
        let dead = try store.leases.create(owner: later)
        let unknown = try store.leases.create(owner: elsewhere)
        let expired = try store.leases.create(owner: elsewhere, lifetimeSeconds: -1)
        for (lease, byte) in [(mine, UInt8(1)), (dead, 2), (unknown, 3), (expired, 4)] {
            try store.leases.add(lease, .of([byte]))
            try store.leases.add(lease, .of([byte]))
        }
        #expect(try store.leases.liveDigests() == [.of([1]), .of([3])])
        #expect(try store.leases.sweepDead() == 2)
        #expect(Set(try store.leases.all().map(\.id)) == [mine.id, unknown.id])
        try store.leases.delete(mine)
        #expect(try store.leases.liveDigests() == [.of([3])])
        #expect(throws: MetadataError.self, "an ended lease holds nothing") { try store.leases.add(mine, .of([1])) }
    }

    @Test func damageIsFound() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        try store.connection.execute(
            "INSERT INTO layers VALUES ('sha256:../../x', 'm', 'sha256:0', 1, NULL); PRAGMA wal_checkpoint(TRUNCATE)"
        )
        let error = #expect(throws: MetadataError.self) { try store.layers.all() }
        #expect(error?.kind == .corrupt)
    }
}
