import LinuxSystem
import OCISpec
import Reporting
import SnapshotStorage
import SocleTesting
import SystemPackage
import Testing

@Suite(.requires(.root)) final class CacheMountTests {
    private let root: TemporaryRoot
    private let store: CacheMountStore

    init() throws {
        root = try TemporaryRoot()
        store = CacheMountStore(root: root("store"))
    }

    private func take(
        _ id: String,
        _ sharing: CacheMountSharing,
        isCancelled: () -> Bool = { true }
    ) throws -> CacheMount {
        var mount = try store.take(CacheMountKey(id: id), sharing: sharing, isCancelled: isCancelled)
        try mount.settle()
        return mount
    }

    /// The directory of one that nobody holds any more.
    private func place(of id: String) throws -> FilePath {
        let mount = try take(id, .shared)
        return mount.directory
    }

    /// Whether one that is held isn't given to somebody who doesn't want to wait.
    private func isRefused(_ sharing: CacheMountSharing) throws -> Bool {
        do {
            _ = try take("x", sharing)
            return false
        } catch let error as SnapshotError {
            return error.kind == .cancelled
        }
    }

    @Test func anEmptyStoreIsNotTouched() throws {
        #expect(try store.all() == [])
        #expect(try Directory.open(root.path).status("store") == nil)
    }

    @Test func whatIsWrittenStays() throws {
        let key = CacheMountKey(id: "a/../b", mode: 0o1770, uid: 5, gid: 6)
        var first = try store.take(key, sharing: .shared) { false }
        let isNew = first.isNew
        #expect(isNew)
        try FileTree.write(["file": "x"], to: first.directory)
        try first.settle()
        let status = try Directory.open(first.directory).status()
        #expect((status.permissions, status.uid, status.gid) == (0o1770, 5, 6))
        let again = try store.take(key, sharing: .shared) { false }
        let places = [first.directory, again.directory]
        let isNewAgain = again.isNew
        #expect(!isNewAgain && places[0] == places[1])
        #expect(try Directory.open(places[0]).status("file") != nil)
        let other = try take("a/../b", .shared)
        let otherPlace = other.directory
        #expect(otherPlace != places[0])
        #expect(try store.all().map(\.id) == ["a/../b", "a/../b"])
        #expect(try store.all().allSatisfy { $0.isInUse && $0.usedAt > 0 && $0.createdAt > 0 })
    }

    @Test func sharing() throws {
        let shared = try take("x", .shared)
        let second = try take("x", .shared)
        let place = shared.directory
        let secondPlace = second.directory
        #expect(place == secondPlace)
        // Who wants it alone waits, or has another.
        #expect(try isRefused(.locked))
        let own = try take("x", .private)
        let ownPlace = own.directory
        #expect(ownPlace != place)
        _ = consume shared
        _ = consume second
        let locked = try take("x", .locked)
        #expect(try isRefused(.shared))
        #expect(try isRefused(.locked))
        let third = try take("x", .private)
        let (lockedPlace, thirdPlace) = (locked.directory, third.directory)
        #expect(lockedPlace == place && thirdPlace != place && thirdPlace != ownPlace)
        #expect(try store.all().count == 3)
    }

    /// A process that died while it filled one leaves nothing that counts.
    @Test func halfFilledOnesAreMadeAgain() throws {
        let key = CacheMountKey(id: "x", start: Digest.of([1]))
        do {
            let half = try store.take(key, sharing: .shared) { false }
            try FileTree.write(["half": "x"], to: half.directory)
        }
        #expect(try store.all() == [])
        let whole = try store.take(key, sharing: .shared) { false }
        let (isNew, place) = (whole.isNew, whole.directory)
        #expect(try isNew && Directory.open(place).names().isEmpty)
    }

    @Test func removal() throws {
        let held = try take("held", .shared)
        try FileTree.write(["file": .file([UInt8](repeating: 1, count: 100_000))], to: place(of: "free"))
        let records = try store.all()
        #expect(records.map(\.isInUse).sorted { !$0 && $1 } == [false, true])
        #expect(records.first { $0.id == "free" }.map { $0.size >= 100_000 } == true)
        for record in records { #expect(try store.remove(record) == (record.id == "free")) }
        #expect(try store.all().map(\.id) == ["held"])
        let place = held.directory
        #expect(try Directory.open(place).names().isEmpty)
        _ = consume held
        for record in records { #expect(try store.remove(record)) }
        #expect(try Directory.open(root("store/cache-mounts")).names() == [Array("lock".utf8)])
    }
}
