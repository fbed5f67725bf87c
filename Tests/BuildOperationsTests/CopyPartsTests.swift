import LinuxSystem
import MetadataStorage
import SystemPackage
import TarFormat
import MetadataStorage
import SystemPackage
import Testing

@testable import BuildOperations

/// The pieces that copies are planned with.
@Suite struct CopyPartsTests {
    // MARK: - Member lists

    private func list(_ members: [(String, String)]) -> MemberList {
        var list = MemberList()
        for (path, value) in members { list.add(Array(path.utf8)) { $0 += value.utf8 } }
        return list
    }

    @Test func listsTellWhatDiffers() throws {
        let before = list([("a", "1"), ("b\nc", "2"), ("d", "3")])
        let now = list([("a", "1"), ("b\nc", "4"), ("e", "5")])
        let (first, count) = now.differences(from: before)
        #expect(count == 3)
        #expect(
            first == [
                .init(path: "b\nc", before: "2", now: "4"), .init(path: "d", before: "3", now: nil),
                .init(path: "e", before: nil, now: "5"),
            ]
        )
        #expect(now.differences(from: before, limit: 1).first.map(\.path) == ["b\nc"])
        #expect(now.differences(from: now).count == 0)
        #expect(now.digest != before.digest)
    }

    @Test func listsAreKeptWhole() throws {
        let list = list((0..<2000).map { ("some/folder/file\($0)", "644 0:0 file sha256:\($0)") })
        let compressed = try list.compressed()
        #expect(compressed.count < list.lines.count / 4)
        #expect(try MemberList(compressed: compressed).lines == list.lines)
        #expect(throws: (any Error).self) { try MemberList(compressed: Array(compressed.dropLast(3))) }
    }

    // MARK: - What files hold

    @Test func contentsAreKeptWithTheirAttributes() {
        let content = FileContent(
            sha256: [UInt8](repeating: 7, count: 32),
            attributes: [
                ExtendedAttribute(name: "user.a", value: []), ExtendedAttribute(name: "user.b", value: [1, 0, 255]),
            ]
        )
        #expect(FileContent(content.kept) == content)
        #expect(FileContent(FileContent(sha256: content.sha256).kept)?.attributes == [])
        for damage in [[1], [9, 0, 0, 0, 1], [0, 0, 0, 0], [255, 255, 255, 255]] as [[UInt8]] {
            var kept = content.kept
            kept.attributes = damage
            #expect(FileContent(kept) == nil)
        }
    }

    // MARK: - Plans

    private func file(_ path: TarPath, inode: UInt64) -> (TarEntry, CopyPlan.Content) {
        var status = FileStatus(.file, permissions: 0o644, size: 3)
        (status.inode, status.linkCount) = (inode, 3)
        return (TarEntry(path, kind: .file, mode: 0o644, size: 3), .file(EmptyTree(name: "none"), "x", status))
    }

    private func kinds(_ plan: CopyPlan) -> [String] {
        plan.items.map { "\($0.entry.path) \($0.entry.kind) \($0.content.file?.inode ?? 0)" }
    }

    @Test func aReplacedFileLeavesItsBytesToItsOtherNames() {
        var plan = CopyPlan()
        for (entry, content) in [file("d/a", inode: 5)] { plan.add(entry, content) }
        plan.add(TarEntry("d/b", kind: .hardLink("d/a"), mode: 0o644))
        plan.add(TarEntry("d/c", kind: .hardLink("d/a"), mode: 0o644))
        let (entry, content) = file("d/a", inode: 6)
        plan.add(entry, content)
        #expect(kinds(plan) == ["d/a file 6", "d/b file 5", "d/c hardLink(d/b) 0"])
        #expect(plan.holds(FileStatus.Identity(device: 0, inode: 5), at: "d/b"))
        #expect(!plan.holds(FileStatus.Identity(device: 0, inode: 5), at: "d/a"))
    }

    // MARK: - Filters and pivots

    @Test func filtersTakeWhatIsWantedAndNotExcluded() throws {
        let filter = try CopyFilter(wanted: "src/**/*.c", excluded: ["**/test", "!src/test/keep.c"])
        for path in ["src/a.c", "src/x/y/b.c", "src/test/keep.c"] { #expect(filter.takes(path), "\(path)") }
        for path in ["src", "src/a.h", "a.c", "src/test/a.c", "src/x/test/b.c"] {
            #expect(!filter.takes(path), "\(path)")
        }
        for directory in ["src", "src/x/y", "src/test"] { #expect(filter.mayTake(below: directory), "\(directory)") }
        #expect(!filter.mayTake(below: "other"))
        #expect(try CopyFilter(excluded: []).isOpen)
    }

    @Test(
        arguments: [
            ("a/b", "/", "a/b"), ("./a/./b", "./a", "b"), ("/a/./", "/a", nil), ("./", "/", nil), ("../x", "/", "x"),
            ("/./**/x", "/", "**/x"), ("a/*/./b/../c", "a/*", "c"),
        ] as [(String, String, String?)]
    )
    func pivotsCutOnce(_ text: String, _ top: String, _ pattern: String?) {
        let pivot = SourcePivot(text)
        #expect(pivot.top == top && pivot.pattern == pattern)
    }

    @Test func aWalkTakesDirectoriesOnTheWayOnlyWhenTheyAreNeeded() throws {
        let tree = ListedTree(["a", "a/one", "a/two", "a/two/x.c", "b", "b/y", "c", "c/z.c"])
        var walk = try SourceWalk(
            tree,
            from: "",
            to: "t",
            isThere: false,
            filter: CopyFilter(wanted: "**/*.c", excluded: [])
        )
        var places: [String] = []
        while let step = try walk.next(isThere: { _ in true }) { places.append(step.place.description) }
        #expect(places == ["t/a", "t/a/two", "t/a/two/x.c", "t/c", "t/c/z.c"])
        #expect(tree.listed.update { $0 }.contains("b"), "it might have held one")
    }
}

/// A tree of names: those with others below them are directories.
private final class ListedTree: SourceTree {
    let name = "a list"
    let belongsToRoot = true
    let paths: [PathBytes]
    let listed = Guarded<[PathBytes]>([])

    init(_ paths: [PathBytes]) { self.paths = paths }

    func status(_ path: PathBytes) throws -> FileStatus? {
        guard path.bytes.isEmpty || paths.contains(path) else { return nil }
        let isDirectory = path.bytes.isEmpty || paths.contains { $0.bytes.starts(with: path.bytes + [0x2f]) }
        return FileStatus(isDirectory ? .directory : .file, permissions: 0o755)
    }

    func resolve(_ path: PathBytes) throws -> PathBytes? { try status(path) == nil ? nil : path }

    func names(in directory: PathBytes) throws -> [PathBytes] {
        listed.update { $0.append(directory) }
        let prefix = directory.bytes.isEmpty ? [] : directory.bytes + [0x2f]
        return paths.filter { $0.bytes.starts(with: prefix) && !$0.bytes.dropFirst(prefix.count).contains(0x2f) }
            .map { PathBytes($0.bytes.dropFirst(prefix.count)) }.sorted()
    }

    func readLink(_ path: PathBytes) throws -> PathBytes { path }
    func open(_ path: PathBytes) throws -> OwnedDescriptor { try Directory.open("/dev").openForReading("null") }
    func attributes(_ path: PathBytes) throws -> [ExtendedAttribute] { [] }
    func reasonForAbsence(of path: PathBytes) -> String? { nil }
}
