import ByteStreams
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import ContentStorage

/// A store in a root of its own.
struct StoreRoot: ~Copyable {
    let root: TemporaryRoot
    let metadata: MetadataStore
    let content: ContentStore

    init() throws {
        let root = try TemporaryRoot()
        let metadata = try MetadataStore(path: root("socle.db"))
        content = try ContentStore(root: root.path, metadata: metadata)
        self.metadata = metadata
        self.root = root
    }

    func path(_ digest: Digest) -> FilePath { root("blobs/sha256/\(digest.hex)") }
    func names() throws -> [String] {
        try Directory.open(root("blobs/sha256")).names().map { String(decoding: $0, as: UTF8.self) }
    }
    func overwrite(_ digest: Digest, with bytes: [UInt8]) throws {
        let file = try Directory.open(root("blobs/sha256")).open(PathBytes(digest.hex), flags: 0o1001)  // write, truncate
        try DescriptorIO.write(file.raw, bytes.span)
    }
}

@Suite struct ContentStoreTests {
    private func blob(_ text: String) -> Descriptor { Descriptor(of: Array(text.utf8), mediaType: .ociLayer) }

    @Test func whatIsPutCanBeRead() throws {
        let store = try StoreRoot()
        let digest = try store.content.put(Array("hello".utf8))
        #expect(digest == .of(Array("hello".utf8)))
        #expect(try store.content.contains(digest))
        #expect(try store.content.size(digest) == 5)
        #expect(try store.content.read(blob("hello")) == Array("hello".utf8))
        #expect(try store.content.openUnverified(blob("hello")).readAll(limit: 10) == Array("hello".utf8))
        #expect(try store.content.all().map(\.digest) == [digest])
        try store.content.verify(digest)
        #expect(try store.content.put([]) == .of([]))
        #expect(try store.content.remove(digest))
        #expect(try !store.content.remove(digest))
        #expect(try !store.content.contains(digest))
    }

    @Test func largeBlobsAreWrittenInPieces() throws {
        let store = try StoreRoot()
        let writer = try store.content.writer()
        let chunk = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let behind = WriteBehindSink(writer)
        for _ in 0..<20 { try behind.write(chunk.span) }
        try behind.finish()
        #expect(writer.count == 20_000_060)
        let digest = try writer.digest()
        #expect(try store.names() == [], "nothing is seen before the commit")
        let committed = try writer.commit(durable: false)
        #expect(committed.digest == digest && committed.size == 20_000_060)
        try store.content.makeDurable([digest])
        try store.content.verify(digest)
        #expect(throws: ContentError(.finished)) { try writer.commit() }
        #expect(throws: StreamError.self) { try writer.write(chunk.span) }
    }

    @Test func whatIsDroppedLeavesNothing() throws {
        let store = try StoreRoot()
        do {
            let writer = try store.content.writer()
            try writer.write(Array("x".utf8).span)
        }
        #expect(try store.names() == [])
    }

    @Test func whatIsNotExpectedIsNotKept() throws {
        let store = try StoreRoot()
        for expected in [blob("hello"), Descriptor(mediaType: .ociLayer, digest: blob("other").digest, size: 6)] {
            let writer = try store.content.writer()
            try writer.write(Array("hello!".utf8).span)
            let error = #expect(throws: ContentError.self) { try writer.commit(expecting: expected) }
            #expect(error?.kind == .corrupt)
            #expect(error?.digest == expected.digest)
        }
        #expect(try store.names() == [])
        let writer = try store.content.writer()
        try writer.write(Array("hello".utf8).span)
        #expect(try writer.commit(expecting: blob("hello")).digest == blob("hello").digest)
    }

    @Test func committingTwiceKeepsTheOldFile() throws {
        let store = try StoreRoot()
        let digest = try store.content.put(Array("hello".utf8))
        let folder = try Directory.open(store.root("blobs/sha256"))
        let old = FileTime(seconds: 1000)
        try folder.setTimes(PathBytes(digest.hex), accessed: nil, modified: old)
        let before = try #require(try folder.status(PathBytes(digest.hex)))
        try store.content.put(Array("hello".utf8))
        let after = try #require(try folder.status(PathBytes(digest.hex)))
        #expect(after.inode == before.inode)
        #expect(after.modified > old, "it counts as new for a sweep")
        #expect(try store.names() == [digest.hex])
    }

    @Test func aTruncatedBlobIsReplaced() throws {
        let store = try StoreRoot()
        let digest = try store.content.put(Array("hello".utf8))
        try store.overwrite(digest, with: Array("hell".utf8))
        #expect(throws: ContentError.self) { try store.content.read(blob("hello")) }
        try store.content.put(Array("hello".utf8))
        #expect(try store.content.read(blob("hello")) == Array("hello".utf8))
    }

    @Test(arguments: ["hellO", "hell", "hello!", ""])
    func damageIsFound(_ damage: String) throws {
        let store = try StoreRoot()
        let digest = try store.content.put(Array("hello".utf8))
        try store.overwrite(digest, with: Array(damage.utf8))
        let read = #expect(throws: ContentError.self) { try store.content.read(blob("hello")) }
        #expect(read?.kind == .corrupt)
        let verified = #expect(throws: ContentError.self) { try store.content.verify(digest) }
        #expect(verified?.kind == .corrupt)
        #expect(verified?.description.hasPrefix("blob \(digest): its content has the digest sha256:") == true)
        #expect(try store.content.contains(digest), "the name is still there")
    }

    @Test func missingAndStrangeBlobsAreSaid() throws {
        let store = try StoreRoot()
        let missing = #expect(throws: ContentError.self) { try store.content.open(blob("x")) }
        #expect(missing?.kind == .notFound)
        #expect(missing?.description == "blob \(blob("x").digest): not in the store")
        #expect(throws: ContentError(.notFound, blob("x").digest)) { try store.content.verify(blob("x").digest) }
        let other = try Digest("sha512:" + String(repeating: "a", count: 128))
        #expect(throws: ContentError(.unsupportedAlgorithm, other)) { try store.content.contains(other) }
        let large = Descriptor(mediaType: .ociConfig, digest: .of([]), size: 1 << 40)
        #expect(throws: ContentError(.tooLarge(limit: 8 << 20), large.digest)) { try store.content.read(large) }
        // A link in a blob's place leads nowhere.
        let folder = try Directory.open(store.root("blobs/sha256"))
        try folder.symlink(to: "/etc/passwd", as: PathBytes(blob("x").digest.hex))
        #expect(try !store.content.contains(blob("x").digest))
        #expect(throws: ContentError.self) { try store.content.open(blob("x")) }
        #expect(try store.content.all() == [])
    }

    @Test func manyAtOnceCommitTheSame() async throws {
        let store = try StoreRoot()
        let content = store.content
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for round in 0..<20 {
                        try content.put(Array("blob \(round)".utf8), durable: false)
                        try content.put(Array("own \(number) \(round)".utf8), durable: false)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try content.all().count == 20 + 160)
        for entry in try content.all() { try content.verify(entry.digest) }
    }
}

@Suite struct SweepTests {
    @Test func onlyWhatNobodyNeedsIsRemoved() throws {
        let store = try StoreRoot()
        let kept = try store.content.put([1])
        let lost = try store.content.put([2, 2])
        let leased = try store.content.leasing(try store.metadata.leases.create()).put([3])
        var late: Digest?
        // The clock of the file system ticks.
        try Command.output(of: "sleep", ["0.05"])
        let result = try store.content.sweep {
            late = try store.content.put([4])
            return [kept]
        }
        #expect(result.removed == [lost])
        #expect(result.reclaimed == 2)
        #expect(Set(try store.content.all().map(\.digest)) == [kept, leased, try #require(late)])
    }

    @Test func whatIsCommittedAgainWhileSweepingStays() throws {
        let store = try StoreRoot()
        let digest = try store.content.put([1])
        try Command.output(of: "sleep", ["0.05"])
        let result = try store.content.sweep {
            try store.content.put([1])
            return []
        }
        #expect(result.removed == [])
        #expect(try store.content.contains(digest))
    }

    @Test func commitsAndSweepsAtOnceLoseNothingThatIsLeased() async throws {
        let store = try StoreRoot()
        let (content, metadata) = (store.content, store.metadata)
        let sweeper = Task.detached { for _ in 0..<60 { _ = try content.sweep { [] } } }
        for round in 0..<60 {
            let lease = try metadata.leases.create()
            let digest = try content.leasing(lease).put([UInt8(round % 3)], durable: false)
            #expect(try content.contains(digest), "round \(round)")
            try metadata.leases.delete(lease)
        }
        try await sweeper.value
        try Command.output(of: "sleep", ["0.05"])
        _ = try content.sweep { [] }
        #expect(try store.names() == [])
    }

    @Test func oldUnfinishedFilesAreRemoved() throws {
        let store = try StoreRoot()
        try Command.output(of: "touch", [store.root("blobs/sha256/.tmp-new").string, store.root(".tmp-x").string])
        try store.content.sweepTemporary()
        #expect(try store.names() == [".tmp-new"], "somebody may still be at work on it")
    }
}
