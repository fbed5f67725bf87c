import ByteStreams
import TarFormat
import Testing

@Suite struct TarReaderTests {
    @Test func emptyInputIsAnEmptyArchive() throws {
        let reader = TarReader(MemorySource([]))
        #expect(try reader.next() == nil)
        #expect(reader.isEmpty && !reader.sawEndMarker)
    }

    @Test(arguments: [512, 1024, 10_240]) func zerosAreAnEmptyArchive(_ count: Int) throws {
        let reader = TarReader(MemorySource([UInt8](repeating: 0, count: count)))
        #expect(try reader.next() == nil)
        #expect(!reader.isEmpty && reader.sawEndMarker == (count > 512))
        try reader.finish()
        #expect(reader.offset == Int64(count))
    }

    @Test func endsWithoutMark() throws {
        #expect(try Archives.entries(RawHeader("a").with([1, 2, 3])).map(\.body) == [[1, 2, 3]])
    }

    @Test func ignoresWhatFollowsTheMarkButReadsIt() throws {
        let bytes = RawHeader("a").bytes + RawHeader.end + RawHeader("b").bytes
        let reader = TarReader(MemorySource(bytes))
        #expect(try reader.next()?.path == "a")
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
        try reader.finish()
        #expect(reader.offset == Int64(bytes.count))
    }

    @Test func skipsBodiesAndReadsParts() throws {
        let bytes = RawHeader("a").with(Array(repeating: 7, count: 700_000)) + RawHeader("b").with([1, 2, 3, 4])
        let reader = TarReader(MemorySource(bytes))
        #expect(try reader.next()?.size == 700_000)
        var buffer = [UInt8](repeating: 0, count: 10)
        #expect(try reader.readBody(into: &buffer, from: 4) == 6)
        #expect(buffer == [0, 0, 0, 0, 7, 7, 7, 7, 7, 7])
        #expect(try reader.next()?.path == "b")
        #expect(try reader.readBody(into: &buffer) == 4)
        #expect(try reader.readBody(into: &buffer) == 0)
    }

    @Test(arguments: [1, 7, 511, 513]) func takesSmallChunks(_ size: Int) throws {
        let bytes =
            RawHeader.pax([("path", String(repeating: "p/", count: 300))]) + RawHeader("x").with([1, 2, 3])
            + RawHeader.end
        let reader = TarReader(ChunkSource(bytes, size: size))
        #expect(try reader.next()?.path.bytes.count == 599)
        let sink = MemorySink()
        try reader.body(into: sink)
        #expect(sink.bytes == [1, 2, 3])
        #expect(try reader.next() == nil)
    }

    @Test func oldFilesWithASlashAreDirectories() throws {
        var header = RawHeader("old/")
        header.type = 0
        header.magic = []
        let entry = try #require(try Archives.entries(header.bytes).first?.entry)
        #expect(entry.kind == .directory && entry.path == "old")
        header.name = Array("old".utf8)
        #expect(try Archives.entries(header.bytes).first?.entry.kind == .file)
    }

    @Test func whatHasNoBodyHasNoSize() throws {
        let bytes = RawHeader("d", type: "5", size: 5000).bytes + RawHeader("b").bytes
        #expect(try Archives.entries(bytes).map(\.entry.path) == ["d", "b"])
    }

    @Test func recordsWinAndGoAway() throws {
        let bytes =
            RawHeader.pax([("path", "long"), ("size", "3"), ("uid", "7"), ("path", "longer"), ("uid", "")])
            + RawHeader("short", size: 3).bytes + [1, 2, 3] + [UInt8](repeating: 0, count: 509)
            + RawHeader("next").bytes
        let entries = try Archives.entries(bytes)
        #expect(entries.map(\.entry.path) == ["longer", "next"])
        #expect(entries[0].entry.uid == 0 && entries[0].body == [1, 2, 3])
    }

    @Test func globalRecordsStay() throws {
        let bytes =
            RawHeader.pax([("mtime", "5.25"), ("uname", "ann")], type: "g") + RawHeader("a").bytes
            + RawHeader.pax([("uname", "bob")]) + RawHeader("b").bytes + RawHeader("c").bytes
        let entries = try Archives.entries(bytes).map(\.entry)
        #expect(entries.map(\.userName) == ["ann", "bob", "ann"])
        #expect(entries.allSatisfy { $0.modified == TarTime(seconds: 5, nanoseconds: 250_000_000) })
    }

    @Test func readsGnuNames() throws {
        let name = Array(String(repeating: "n", count: 300).utf8)
        let link = Array(String(repeating: "l", count: 200).utf8)
        let bytes =
            RawHeader("././@LongLink", type: "L").with(name + [0])
            + RawHeader("././@LongLink", type: "K").with(link + [0])
            + RawHeader("cut", type: "2").bytes
        let entry = try #require(try Archives.entries(bytes).first?.entry)
        #expect(entry.path.bytes == name && entry.kind == .symbolicLink(TarPath(bytes: link)))
    }

    @Test func readsBinaryNumbers() throws {
        var header = RawHeader("a")
        header.patches = [
            (108, [0x80, 0, 0, 0, 0, 0x98, 0x96, 0x80]),
            (136, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]),
        ]
        let entry = try #require(try Archives.entries(header.bytes).first?.entry)
        #expect(entry.uid == 10_000_000 && entry.modified == TarTime(seconds: -2))
    }

    @Test func readsAPrefixUnderGnusMark() throws {
        var header = RawHeader("name")
        header.magic = Array("ustar  \u{0}".utf8)
        header.patches = [(345, Array("some/folder".utf8))]
        #expect(try Archives.entries(header.bytes).first?.entry.path == "some/folder/name")
    }

    @Test func acceptsSignedChecksums() throws {
        var header = RawHeader("n\u{e9}\u{e9}").bytes
        let sum = header.enumerated().reduce(0) {
            (148..<156).contains($1.offset) ? $0 + 32 : $0 + Int(Int8(bitPattern: $1.element))
        }
        let digits = Array(String(sum, radix: 8).utf8)
        header.replaceSubrange(148..<156, with: [UInt8](repeating: 0x30, count: 6 - digits.count) + digits + [0, 0x20])
        #expect(try Archives.entries(header).first?.entry.path == "n\u{e9}\u{e9}")
    }

    @Test func readsBothFormsOfAttributes() throws {
        let records: [(String, String)] = [
            ("LIBARCHIVE.xattr.user.a%20b", "aGk"), ("SCHILY.xattr.user.k%3Dv", "raw"),
            ("SCHILY.xattr.user.a b", "hi!"),
            ("LIBARCHIVE.xattr.user.a b", "aGk="), ("SCHILY.xattr.user.none", ""),
        ]
        let entry = try #require(try Archives.entries(RawHeader.pax(records) + RawHeader("a").bytes).first?.entry)
        #expect(entry.xattrs.map { String(decoding: $0.name, as: UTF8.self) } == ["user.a b", "user.k=v", "user.none"])
        #expect(entry.xattrs.map { String(decoding: $0.value, as: UTF8.self) } == ["hi!", "raw", ""])
    }
}

/// A source that gives little at a time.
final class ChunkSource: ByteSource {
    private var bytes: ArraySlice<UInt8>
    private let size: Int

    init(_ bytes: [UInt8], size: Int) {
        self.bytes = bytes[...]
        self.size = size
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let count = min(size, bytes.count, buffer.count - start)
        buffer.replaceSubrange(start..<start + count, with: bytes.prefix(count))
        bytes = bytes.dropFirst(count)
        return count
    }
}
