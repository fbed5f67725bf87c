import ByteStreams
import TarFormat
import Testing

@Suite struct TarWriterTests {
    private func roundTrip(_ entry: TarEntry, _ body: [UInt8] = []) throws -> TarEntry {
        try #require(try Archives.entries(Archives.write([(entry, body)])).first).entry
    }

    private func failure(ofFinishing writer: consuming TarWriter) -> TarError? {
        do throws(TarError) {
            try writer.finish()
            return nil
        } catch { return error }
    }

    @Test func plainEntriesTakeOneBlock() throws {
        var entry = TarEntry("usr/bin/tool", kind: .file, mode: 0o755, size: 3)
        entry.modified = TarTime(seconds: 1_600_000_000)
        entry.userName = "root"
        #expect(try Archives.write([(entry, [1, 2, 3])]).count == 512 + 512 + 1024)
        #expect(try roundTrip(entry, [1, 2, 3]) == entry)
    }

    @Test func everyKindComesBack() throws {
        let kinds: [TarEntry.Kind] = [
            .directory, .fifo, .symbolicLink("../x"), .hardLink("a/b"), .characterDevice(major: 5, minor: 1),
            .blockDevice(major: 259, minor: 1_048_575),
        ]
        for kind in kinds {
            var entry = TarEntry("a/name", kind: kind, mode: 0o7777)
            entry.uid = 1000
            entry.gid = 100
            #expect(try roundTrip(entry) == entry)
        }
    }

    @Test(arguments: [99, 100, 101, 155, 156, 157, 200, 255, 256, 257, 300, 1000, 4096])
    func namesOfEveryLength(_ count: Int) throws {
        let letters = (0..<count).map { $0 % 50 == 49 ? UInt8(ascii: "/") : UInt8(ascii: "a") + UInt8($0 % 26) }
        for name in [letters, [UInt8](repeating: 0x61, count: count), [UInt8](repeating: 0xe9, count: count)] {
            let path = TarPath(bytes: Array(name.dropLast() + [0x7a]))
            let entry = TarEntry(path, kind: .file, mode: 0o644)
            #expect(try roundTrip(entry) == entry)
            let link = TarEntry("l", kind: .symbolicLink(path), mode: 0o777)
            #expect(try roundTrip(link) == link)
            if count < 4096 {
                let directory = TarEntry(path, kind: .directory, mode: 0o755)
                #expect(try roundTrip(directory) == directory)
            }
        }
    }

    @Test func whatDoesNotFitComesBack() throws {
        var entry = TarEntry("caf\u{e9}", kind: .file, mode: 0o4755)
        entry.uid = 4_000_000_000
        entry.gid = 2_097_152
        entry.userName = String(repeating: "u", count: 40)
        entry.groupName = "gr\u{fc}n"
        entry.modified = TarTime(seconds: -2, nanoseconds: 500_000_000)
        entry.accessed = TarTime(seconds: 1 << 40, nanoseconds: 1)
        entry.changed = TarTime(seconds: 0)
        entry.xattrs = [
            TarEntry.XAttr(name: Array("security.capability".utf8), value: [1, 0, 0, 2, 0, 0x0a, 0x3d]),
            TarEntry.XAttr(name: Array("user.a=b%3D".utf8), value: []),
        ]
        #expect(try roundTrip(entry) == entry)
    }

    @Test func recordLengthsCountThemselves() throws {
        for count in 80...120 {
            var entry = TarEntry("f", kind: .file, mode: 0o644)
            entry.xattrs = [TarEntry.XAttr(name: Array("user.x".utf8), value: [UInt8](repeating: 1, count: count))]
            #expect(try roundTrip(entry) == entry)
        }
    }

    @Test func sizesBeyondOctalHaveARecord() throws {
        let sink = MemorySink()
        var writer = TarWriter(to: sink)
        try writer.append(TarEntry("big", kind: .file, mode: 0o644, size: 1 << 33))
        try writer.write([1].span)
        #expect(failure(ofFinishing: writer) != nil)
        let reader = TarReader(MemorySource(sink.bytes))
        #expect(try reader.next()?.size == 1 << 33)
    }

    @Test func sparseFilesStaySparse() throws {
        var entry = TarEntry("dir/sparse", kind: .file, mode: 0o600, size: 1 << 34)
        entry.sparse = [
            TarEntry.SparseSegment(offset: 512, length: 3), TarEntry.SparseSegment(offset: 1 << 33, length: 2),
        ]
        let bytes = try Archives.write([(entry, [1, 2, 3, 4, 5])])
        #expect(bytes.count < 5000)
        let reader = TarReader(MemorySource(bytes))
        #expect(try reader.next() == entry)
        var body = [UInt8](repeating: 0, count: 10)
        #expect(try reader.readBody(into: &body) == 5)
        #expect(body.prefix(5) == [1, 2, 3, 4, 5])
    }

    @Test func refusesWrongBodies() throws {
        var writer = TarWriter(to: MemorySink())
        try writer.append(TarEntry("a", kind: .file, mode: 0o644, size: 2))
        #expect(throws: TarError.self) { try writer.write([1, 2, 3].span) }
        try writer.write([1].span)
        #expect(throws: TarError.self) { try writer.append(TarEntry("b", kind: .file, mode: 0o644)) }
        #expect(failure(ofFinishing: writer)?.description.contains("shorter") == true)
    }

    @Test func refusesWhatNoReaderTakes() {
        let bad: [TarEntry] = [
            TarEntry("", kind: .file, mode: 0), TarEntry(TarPath(bytes: [0x61, 0]), kind: .file, mode: 0),
            TarEntry("a", kind: .file, mode: 0o100644), TarEntry("a", kind: .file, mode: 0, size: -1),
            TarEntry("a", kind: .characterDevice(major: 1 << 24, minor: 0), mode: 0),
            TarEntry("a", kind: .symbolicLink(TarPath(bytes: [0])), mode: 0),
        ]
        for entry in bad {
            var writer = TarWriter(to: MemorySink())
            #expect(throws: TarError.self) { try writer.append(entry) }
        }
    }
}
