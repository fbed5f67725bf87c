import Glibc
import LinuxSystem
import OCISpec
import Reporting
import SnapshotStorage
import SocleTesting
import SystemPackage
import Testing

private let one = Digest.of([1])
private let two = Digest.of([2])

@Suite struct SnapshotStoreTests {
    private func make(_ store: SnapshotStore, _ diffID: Digest, _ tree: FileTree) throws {
        let active = try store.prepareTree()
        try FileTree.write(tree, to: active.path)
        try active.commit(as: diffID)
    }

    private func names(_ path: FilePath) throws -> [String] {
        try Directory.open(path).names().map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    @Test func anEmptyStoreIsNotTouched() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root("store"))
        #expect(try store.tree(one) == nil)
        #expect(try store.all() == [])
        #expect(try store.usage(one) == 0)
        #expect(try store.sweepTemporary() == 0)
        try store.remove(one)
        try store.makeDurable()
        try store.removeUpper(id: "abc")
        #expect(try root.directory().names().isEmpty)
    }

    @Test func commitAndRemove() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root.path)
        try make(store, one, ["a": ["b": "text"]])
        let path = try #require(try store.tree(one))
        #expect(path == root("trees").appending(one.hex))
        #expect(try FileTree.read(path) == ["a": ["b": "text"]])
        #expect(try store.all() == [one])
        #expect(try names(root("tmp")) == [])
        #expect(try Directory.open(root("trees")).status().permissions == 0o700)
        try store.remove(one)
        #expect(try store.tree(one) == nil)
        #expect(try store.all() == [])
        #expect(try names(root("tmp")) == [] && names(root("trees")) == [])
    }

    @Test func whatIsNotCommittedIsGone() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root.path)
        do {
            let active = try store.prepareTree()
            try FileTree.write(["a": "b"], to: active.path)
            #expect(try store.sweepTemporary() == 0, "a living process's directory stays")
            #expect(try FileTree.read(active.path) == ["a": "b"])
        }
        #expect(try names(root("tmp")) == [])
        #expect(try store.all() == [])
    }

    @Test func theFirstWins() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root.path)
        try make(store, one, ["a": "first"])
        try make(store, one, ["a": "second"])
        let path = try #require(try store.tree(one))
        #expect(try FileTree.read(path) == ["a": "first"])
        #expect(try names(root("tmp")) == [])
    }

    @Test func stepsAreAdopted() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root.path)
        let upper = try store.prepareUpper()
        try FileTree.write(["made": "by a step"], to: upper.directories.upper)
        #expect(try upper.directory().names() == [Array("made".utf8)])
        try upper.commit(as: one)
        try FileTree.write(["made": "elsewhere"], to: root("elsewhere"))
        try store.adopt(root("elsewhere"), as: two)
        #expect(try store.all() == [one, two].sorted())
        #expect(try FileTree.read(#require(try store.tree(one))) == ["made": "by a step"])
        #expect(try names(root.path) == ["tmp", "trees"] && names(root("tmp")) == [])
        try FileTree.write(["made": "too late"], to: root("late"))
        try store.adopt(root("late"), as: two)
        #expect(try FileTree.read(#require(try store.tree(two))) == ["made": "elsewhere"])
        #expect(try names(root.path) == ["tmp", "trees"])
    }

    @Test func leftoversAreSwept() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root.path)
        try FileTree.write(
            [
                "tree-dead-1": ["fs": ["a": ["b": "c"]]], "removed-dead-2": ["fs": [:]], "upper-dead-3": [:],
                "blob-of-another": "kept", "tree-file": "not a directory",
            ],
            to: root("tmp")
        )
        let active = try store.prepareTree()
        #expect(try store.sweepTemporary() == 3)
        let left = try names(root("tmp"))
        #expect(left.count == 3 && left.contains("blob-of-another") && left.contains("tree-file"))
        try active.commit(as: one)
        #expect(try store.all() == [one])
    }

    @Test func whatIsLockedIsNotSwept() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root.path)
        try FileTree.write(["removed-x": ["fs": ["a": "b"]]], to: root("tmp"))
        do {
            let lock = try FileLock(Directory.open(root("tmp/removed-x")).relinquish(), .exclusive)
            #expect(try store.sweepTemporary() == 0)
            #expect(try names(root("tmp/removed-x")) == ["fs"])
            _ = lock.descriptor.raw
        }
        #expect(try store.sweepTemporary() == 1)
        #expect(try names(root("tmp")) == [])
    }

    @Test func treesOfAnotherBootAreNotTrusted() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root.path)
        try make(store, one, ["a": "first"])
        try make(store, two, ["a": "synced"])
        try store.makeDurable()
        try make(store, one, ["b": "again"])
        let mark = root("trees").appending(one.hex + ".unsynced")
        #expect(try Directory.open(root("trees")).names().count == 3)
        try FileTree.write([one.hex + ".unsynced": "another-boot\n"], to: root("trees"))
        #expect(try store.tree(one) == nil)
        #expect(try store.tree(two) != nil)
        try make(store, one, ["c": "made anew"])
        #expect(try FileTree.read(#require(try store.tree(one))) == ["c": "made anew"])
        try store.makeDurable()
        #expect(errno(access(mark.string, F_OK)) == .noSuchFileOrDirectory)
        #expect(try store.tree(one) != nil)
    }

    private func errno(_ result: CInt) -> Errno? { result == 0 ? nil : Errno(rawValue: Glibc.errno) }

    @Test func usageCountsLinksOnce() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root.path)
        let large = FileTree.file([UInt8](repeating: 7, count: 1 << 20))
        try make(store, one, ["a": large, "b": .hardLink("a"), "d": ["c": .hardLink("a")]])
        try make(store, two, ["a": large, "d": ["c": large]])
        #expect(try (1 << 20...(1 << 20) + 65_536).contains(store.usage(one)))
        #expect(try (2 << 20...(2 << 20) + 65_536).contains(store.usage(two)))
    }

    @Test(.requires(.root)) func strangeTreesAreRemoved() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root.path)
        try FileTree.write(["keep": "me"], to: root("outside"))
        try make(
            store,
            one,
            ["gone": .whiteout, "pipe": .fifo, "link": .link("../../outside"), "shut": .directory(["x": "y"], mode: 0)]
        )
        #expect(try store.usage(one) > 0)
        try store.remove(one)
        #expect(try FileTree.read(root("outside")) == ["keep": "me"])
        #expect(try names(root("trees")) == [])
    }

    @Test func containersHaveUppers() throws {
        let root = try TemporaryRoot()
        let store = SnapshotStore(root: root.path)
        let upper = try store.prepareUpper(id: "0123abc")
        try FileTree.write(["file": "x"], to: upper.upper)
        #expect(try store.prepareUpper(id: "0123abc") == upper)
        #expect(try FileTree.read(upper.upper) == ["file": "x"])
        #expect(try store.usage(id: "0123abc").allocated > 0)
        try FileTree.write(["state.json": "{}"], to: root("containers/0123abc"))
        try store.removeUpper(id: "0123abc")
        #expect(try names(root("containers/0123abc")) == ["state.json"])
        _ = try store.prepareUpper(id: "4")
        try store.removeUpper(id: "4")
        try store.removeUpper(id: "4")
        #expect(try names(root("containers")) == ["0123abc"])
    }

    @Test(arguments: ["", ".", "..", "a/b", "../x", "a\0b", String(repeating: "a", count: 200)])
    func idsAreChecked(_ id: String) throws {
        let root = try TemporaryRoot()
        let error = #expect(throws: SnapshotError.self) { try SnapshotStore(root: root.path).prepareUpper(id: id) }
        #expect(error?.kind == .invalidArgument)
        #expect(try root.directory().names() == [])
    }
}
