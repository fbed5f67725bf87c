import ByteStreams
import TarFormat
import Testing

/// Archives that lie: each gives a clear error, none costs memory or time.
@Suite struct HostileTarTests {
    /// A broken archive, what it is, and what the error has to say.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var says: String

        init(_ description: String, _ bytes: [UInt8], says: String) {
            testDescription = description
            self.bytes = bytes
            self.says = says
        }
    }

    private static func patched(_ position: Int, _ text: String) -> [UInt8] {
        var header = RawHeader()
        header.patches = [(position, Array(text.utf8))]
        return header.bytes
    }

    private static func sparse(_ records: [(String, String)], stored: Int = 0) -> [UInt8] {
        RawHeader.pax(records) + RawHeader("s").with([UInt8](repeating: 1, count: stored))
    }

    static let cases: [Case] = [
        Case("five bytes", Array("hello".utf8), says: "unexpected end"),
        Case("garbage", (0..<1024).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }, says: "checksum"),
        Case("half a header", Array(RawHeader("a").bytes.prefix(300)), says: "unexpected end"),
        Case("half a body", RawHeader("a", size: 600).bytes + [1, 2, 3], says: "unexpected end"),
        Case("no padding", RawHeader("a", size: 3).bytes + [1, 2, 3], says: "unexpected end"),
        Case(
            "entry after one zero block",
            [UInt8](repeating: 0, count: 512) + RawHeader("a").bytes,
            says: "zero block"
        ),
        Case("PAX header and nothing", RawHeader.pax([("path", "a")]), says: "unexpected end"),
        Case("PAX header before the end", RawHeader.pax([("path", "a")]) + RawHeader.end, says: "unexpected end"),
        Case("PAX header of 1 GB", RawHeader("x", type: "x", size: 1 << 30).bytes, says: "PAX header is 1073741824"),
        Case("global header of 1 GB", RawHeader("x", type: "g", size: 1 << 30).bytes, says: "the limit is 1048576"),
        Case(
            "GNU name of 1 GB",
            RawHeader("x", type: "L", size: 1 << 30).bytes,
            says: "length of a name is 1073741824"
        ),
        Case(
            "GNU name of 4200 bytes",
            RawHeader("x", type: "L").with([UInt8](repeating: 0x61, count: 4200))
                + RawHeader("x").bytes,
            says: "length of the name is 4200, the limit is 4096"
        ),
        Case(
            "PAX name of 5000 bytes",
            RawHeader.pax([("path", String(repeating: "a", count: 5000))])
                + RawHeader("x").bytes,
            says: "length of the name is 5000"
        ),
        Case(
            "PAX target of 5000 bytes",
            RawHeader.pax([("linkpath", String(repeating: "a", count: 5000))])
                + RawHeader("x", type: "2").bytes,
            says: "length of the link target is 5000"
        ),
        Case("NUL in a PAX name", RawHeader.pax([("path", "a\u{0}b")]) + RawHeader("x").bytes, says: "NUL byte"),
        Case("NUL in a PAX target", RawHeader.pax([("linkpath", "a\u{0}b")]) + RawHeader("x").bytes, says: "NUL byte"),
        Case(
            "negative PAX size",
            RawHeader.pax([("size", "-1")]) + RawHeader("x").bytes,
            says: "\"size\" is not a valid"
        ),
        Case(
            "huge PAX size",
            RawHeader.pax([("size", "9223372036854775807")]) + RawHeader("x").bytes,
            says: "the size is"
        ),
        Case(
            "PAX size beyond 64 bits",
            RawHeader.pax([("size", "99999999999999999999")]) + RawHeader("x").bytes,
            says: "not a valid number"
        ),
        Case("size with letters", patched(124, "12x45678901"), says: "the size is not a valid number"),
        Case("owner out of range", RawHeader.pax([("uid", "4294967296")]) + RawHeader("x").bytes, says: "owner"),
        Case("owner that means none", RawHeader.pax([("gid", "4294967295")]) + RawHeader("x").bytes, says: "group"),
        Case("record without length", RawHeader("p", type: "x").with(Array("path=a\n".utf8)), says: "no valid length"),
        Case(
            "record beyond its header",
            RawHeader("p", type: "x").with(Array("99 path=a\n".utf8)),
            says: "valid length"
        ),
        Case("record of no length", RawHeader("p", type: "x").with(Array("0 path=a\n".utf8)), says: "no valid length"),
        Case("record without key", RawHeader("p", type: "x").with(Array("6 =abc\n".utf8 + [0])), says: "record"),
        Case("record without end", RawHeader("p", type: "x").with(Array("9 path=ab".utf8)), says: "does not end"),
        Case("bad time", RawHeader.pax([("mtime", "1e9")]) + RawHeader("x").bytes, says: "not a valid time"),
        Case(
            "global name",
            RawHeader.pax([("path", "a")], type: "g") + RawHeader("x").bytes,
            says: "global header sets"
        ),
        Case("unknown type", RawHeader("x", type: "Z").bytes, says: "entry type 'Z' is not supported"),
        Case("part of another volume", RawHeader("x", type: "M").bytes, says: "'M' is not supported"),
        Case(
            "attribute of 100 KB",
            RawHeader("p", type: "x").with(
                RawHeader.record("SCHILY.xattr.user.a", [UInt8](repeating: 0x61, count: 100_000))
            ) + RawHeader("x").bytes,
            says: "\"user.a\" is 100000, the limit is 65536"
        ),
        Case(
            "2000 attributes",
            RawHeader.pax((0..<2000).map { ("SCHILY.xattr.user.a\($0)", "v") })
                + RawHeader("x").bytes,
            says: "number of extended attributes is 1025"
        ),
        Case(
            "attribute without name",
            RawHeader.pax([("SCHILY.xattr.", "v")]) + RawHeader("x").bytes,
            says: "attribute"
        ),
        Case("attribute not in base 64", RawHeader.pax([("LIBARCHIVE.xattr.a", "%")]), says: "no extended attribute"),
        Case(
            "overlapping pieces",
            sparse([("GNU.sparse.size", "100"), ("GNU.sparse.map", "0,10,5,10")], stored: 20),
            says: "overlap"
        ),
        Case(
            "piece outside",
            sparse([("GNU.sparse.size", "8"), ("GNU.sparse.map", "0,10")], stored: 10),
            says: "outside"
        ),
        Case(
            "piece at the end of numbers",
            sparse(
                [("GNU.sparse.size", "8"), ("GNU.sparse.map", "9223372036854775807,9223372036854775807")]),
            says: "outside"
        ),
        Case(
            "pieces that aren't stored",
            sparse([("GNU.sparse.size", "100"), ("GNU.sparse.map", "0,50")], stored: 10),
            says: "the pieces have 50 bytes, 10 are stored"
        ),
        Case(
            "half a piece",
            sparse([("GNU.sparse.size", "100"), ("GNU.sparse.map", "0,50,60")]),
            says: "incomplete"
        ),
        Case(
            "fewer pieces than said",
            sparse(
                [
                    ("GNU.sparse.size", "9"), ("GNU.sparse.numblocks", "2"), ("GNU.sparse.offset", "0"),
                    ("GNU.sparse.numbytes", "0"),
                ]),
            says: "incomplete"
        ),
        Case(
            "length before offset",
            sparse([("GNU.sparse.size", "9"), ("GNU.sparse.numbytes", "0")]),
            says: "without an"
        ),
        Case(
            "unknown sparse version",
            sparse([("GNU.sparse.major", "2"), ("GNU.sparse.minor", "0")]),
            says: "version 2.0"
        ),
        Case(
            "map longer than the body",
            sparse([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")]),
            says: "map is longer"
        ),
        Case(
            "map of a billion pieces",
            RawHeader.pax([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")])
                + RawHeader("s").with(Array("1000000000\n".utf8) + [UInt8](repeating: 0x30, count: 501)),
            says: "pieces is 1000000000"
        ),
        Case(
            "map of letters",
            RawHeader.pax([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")])
                + RawHeader("s").with(Array("one\n".utf8) + [UInt8](repeating: 0, count: 508)),
            says: "no list of numbers"
        ),
        Case(
            "sparse file of 8 EB",
            sparse([("GNU.sparse.size", "9223372036854775807"), ("GNU.sparse.map", "0,1")], stored: 1),
            says: "the limit is"
        ),
    ]

    @Test(arguments: cases) func refuses(_ hostile: Case) throws {
        let error = try #require(Archives.failure(hostile.bytes))
        #expect(error.description.contains(hostile.says), "\(error)")
        #expect(error.offset >= 0 && error.offset <= Int64(hostile.bytes.count))
    }

    @Test func negativeSizesAreRefused() {
        var header = RawHeader("a")
        header.patches = [(124, [UInt8](repeating: 0xff, count: 12))]
        #expect(Archives.failure(header.bytes)?.reason == .invalidField("size"))
        header.type = UInt8(ascii: "x")
        #expect(Archives.failure(header.bytes)?.reason == .invalidField("size"))
    }

    @Test func oldSparseListsThatNeverEnd() {
        var header = RawHeader("s", type: "S")
        header.magic = Array("ustar  \u{0}".utf8)
        header.patches = [(482, [1])]
        var block = [UInt8](repeating: 0, count: 512)
        block[504] = 1
        let bytes = header.bytes + (0..<50).flatMap { _ in block }
        #expect(Archives.failure(bytes) != nil)
    }

    @Test func tooManyEntries() {
        var limits = TarLimits()
        limits.entries = 3
        let bytes = (0..<4).flatMap { RawHeader("f\($0)").bytes }
        #expect(Archives.failure(bytes, limits: limits)?.description.contains("number of entries is 4") == true)
    }

    @Test func theSameErrorComesAgain() {
        let reader = TarReader(MemorySource(Array("no archive at all".utf8)))
        let errors = (0..<2).map { _ in
            do throws(TarError) {
                _ = try reader.next()
                return TarError?.none
            } catch { return error }
        }
        #expect(errors[0] != nil && errors[0] == errors[1])
    }

    @Test func errorsNameThePlace() {
        let bytes = RawHeader("first").bytes + RawHeader("second", type: "Z").bytes
        #expect(
            Archives.failure(bytes)?.description
                == "tar entry \"second\" at byte 512: tar entry type 'Z' is not supported"
        )
    }
}
