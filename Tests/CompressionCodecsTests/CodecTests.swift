import ByteStreams
import CompressionCodecs
import Reporting
import SocleTesting
import Testing

@Suite struct CodecTests {
    @Test(arguments: Compression.allCases, [0, 1, 1_000, 1_200_000])
    func thereAndBack(_ compression: Compression, _ count: Int) throws {
        let bytes = sample(count)
        let packed = try compress(compression, bytes)
        #expect(try decompress(compression, packed) == bytes)
        if count == 1_000, compression != .none {
            #expect(Compression.detect(Array(packed.prefix(Compression.magicLength))) == compression)
            let trickle = try Decompressor.source(compression, over: TricklingSource(packed))
            #expect(try trickle.readAll(limit: 10_000) == bytes)
        }
    }

    @Test(arguments: Compression.real) func cutsDontMatter(_ compression: Compression) throws {
        let bytes = sample(300_000)
        let whole = try compress(compression, bytes)
        #expect(try compress(compression, bytes, cut: 7_777) == whole)
        #expect(try compress(compression, bytes, cut: 1_000) == whole)
    }

    @Test func gzipHeaderIsBare() throws {
        let packed = try compress(.gzip, sample(100))
        #expect(Array(packed[..<10]) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
    }

    @Test(arguments: Compression.real) func severalInOne(_ compression: Compression) throws {
        let one = try compress(compression, sample(100_000))
        let two = try compress(compression, Array("second".utf8))
        let empty = try compress(compression, [])
        let bytes = sample(100_000) + Array("second".utf8)
        #expect(try decompress(compression, one + empty + two) == bytes)
        let trickle = try Decompressor.source(compression, over: TricklingSource(one + two + empty))
        #expect(try trickle.readAll(limit: 1 << 20) == bytes)
    }

    @Test(arguments: Compression.real) func truncationIsAnError(_ compression: Compression) throws {
        let packed = try compress(compression, sample(50_000))
        let lengths = [0, 1, 3, 5, 9, 12, packed.count / 2, packed.count - 9, packed.count - 4, packed.count - 1]
        for length in lengths {
            let error = failure(compression, Array(packed[..<length]))
            #expect(error?.reason == .truncated, "\(length) of \(packed.count)")
            #expect(error?.description == "\(compression.rawValue): unexpected end of data")
            let second = failure(compression, packed + packed[..<length])
            #expect((second == nil) == (length == 0), "\(length) of \(packed.count) behind a whole one")
        }
    }

    @Test(arguments: Compression.real) func corruptionIsAnError(_ compression: Compression) throws {
        let packed = try compress(compression, sample(50_000))
        for place in [0, 2, packed.count / 3, packed.count / 2, packed.count - 30] {
            var broken = packed
            broken[place] ^= 0x55
            let error = failure(compression, broken)
            #expect(error != nil, "at \(place) of \(packed.count)")
            #expect(error?.description.hasPrefix(compression.rawValue + ": ") == true, "\(String(describing: error))")
            #expect(error?.kind == .corrupt || error?.kind == .unsupported)
        }
        #expect(failure(compression, sample(1_000))?.kind == .corrupt)
    }

    @Test func paddingAndGarbage() throws {
        let bytes = sample(10_000)
        for compression in [Compression.gzip, .bzip2] {
            let packed = try compress(compression, bytes)
            #expect(try decompress(compression, packed + [UInt8](repeating: 0, count: 300_000)) == bytes)
            #expect(try decompress(compression, packed + [0]) == bytes)
            #expect(
                failure(compression, packed + [1, 2, 3])?.reason
                    == .corrupt("\(compression.rawValue): trailing garbage")
            )
            #expect(failure(compression, packed + [0, 0, 1])?.kind == .corrupt)
        }
        let xz = try compress(.xz, bytes)
        #expect(try decompress(.xz, xz + [0, 0, 0, 0] + xz + [0, 0, 0, 0, 0, 0, 0, 0]) == bytes + bytes)
        #expect(failure(.xz, xz + [0, 0, 0])?.kind == .corrupt)
        #expect(failure(.xz, xz + [1, 2, 3, 4])?.kind == .corrupt)
        let zstd = try compress(.zstd, bytes)
        #expect(failure(.zstd, zstd + [0, 0, 0, 0])?.kind == .corrupt)
    }

    @Test func skippableFrames() throws {
        let bytes = sample(10_000)
        let packed = try compress(.zstd, bytes)
        let skippable: [UInt8] = [0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]
        #expect(try decompress(.zstd, skippable + packed + skippable + skippable + packed + skippable) == bytes + bytes)
        let (found, source) = try Decompressor.detecting(MemorySource(skippable + packed))
        #expect(found == .zstd)
        #expect(try source.readAll(limit: 1 << 20) == bytes)
        #expect(failure(.zstd, packed + skippable[..<10])?.reason == .truncated)
    }

    @Test func detection() throws {
        for compression in Compression.allCases {
            let (found, source) = try Decompressor.detecting(TricklingSource(compress(compression, sample(5_000))))
            #expect(found == compression)
            #expect(try source.readAll(limit: 1 << 20) == sample(5_000))
        }
        for short: [UInt8] in [[], [0x1f], [0x42, 0x5a, 0x68], [0xfd, 0x37], [0x28, 0xb5, 0x2f], Array("BZh0".utf8)] {
            let (found, source) = try Decompressor.detecting(MemorySource(short))
            #expect(found == .none)
            #expect(try source.readAll(limit: 100) == short)
        }
    }

    @Test(arguments: Compression.real) func aBombMeetsTheLimit(_ compression: Compression) throws {
        let sink = MemorySink()
        let encoder = try Compressor.sink(compression, level: 1, over: sink)
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 0..<64 { try encoder.write(zeros.span) }
        try encoder.finish()
        let source = LimitedSource(try Decompressor.source(compression, over: MemorySource(sink.bytes)), limit: 1 << 20)
        let error = #expect(throws: StreamError.self) { try source.drain() }
        #expect(error?.reason == .tooLarge(limit: 1 << 20))
    }

    @Test func levels() throws {
        let bytes = sample(200_000)
        #expect(try compress(.gzip, bytes, level: 9).count < compress(.gzip, bytes, level: 1).count)
        #expect(try decompress(.zstd, compress(.zstd, bytes, level: 19)) == bytes)
        for (compression, level) in [(Compression.gzip, 10), (.zstd, 23), (.bzip2, 0), (.xz, -1)] {
            #expect(throws: StreamError.self) { try compress(compression, bytes, level: level) }
        }
    }

    @Test(.requires(.tool("xz"))) func memoryIsLimited() throws {
        let packed = try Command.output(of: "xz", ["-0", "--lzma2=dict=512MiB"], input: sample(1_000))
        #expect(failure(.xz, packed)?.kind == .unsupported)
        #expect(failure(.xz, packed)?.description.contains("limit is 256 MiB") == true)
    }

    @Test(.requires(.tool("zstd"))) func windowIsLimited() throws {
        let packed = try Command.output(of: "zstd", ["-q", "--ultra", "-22", "--long=28", "-c"], input: sample(1_000))
        #expect(failure(.zstd, packed)?.kind == .unsupported)
        let usual = try Command.output(of: "zstd", ["-q", "--ultra", "-22", "-c"], input: sample(1_000))
        #expect(try decompress(.zstd, usual) == sample(1_000))
    }
}

@Suite struct ToolTests {
    @Test(.requires(.all(.tool("gzip"), .tool("bzip2"), .tool("xz"), .tool("zstd"))), arguments: Compression.real)
    func bothWays(_ compression: Compression) throws {
        let bytes = sample(500_000)
        for level in ["-1", "-6", "-9"] {
            let theirs = try Command.output(of: compression.tool, [level, "-c"], input: bytes)
            #expect(try decompress(compression, theirs) == bytes)
        }
        let ours = try compress(compression, bytes)
        #expect(try Command.output(of: compression.tool, ["-d", "-c"], input: ours) == bytes)
        let two = try Command.output(of: compression.tool, ["-c"], input: bytes)
        #expect(try decompress(compression, two + ours + two) == bytes + bytes + bytes)
    }

    @Test(.requires(.tool("gzip"))) func namesInHeaders() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["a file": .file(sample(5_000))], to: root.path)
        let packed = try Command.output(of: "gzip", ["-N", "-c", "a file"], directory: root.path)
        #expect(try decompress(.gzip, packed) == sample(5_000))
    }

    @Test(.requires(.tool("xz"))) func xzWithBlocksAndThreads() throws {
        let bytes = sample(300_000)
        for options in [["-T2", "--block-size=100000"], ["--check=none"], ["--check=sha256"], ["--x86", "--lzma2"]] {
            #expect(try decompress(.xz, Command.output(of: "xz", options + ["-c"], input: bytes)) == bytes)
        }
    }

    @Test(.requires(.tool("zstd"))) func zstdWithoutSizesAndWithThreads() throws {
        let bytes = sample(300_000)
        for options in [["--no-check"], ["-T2", "--long=27"], ["--fast=3"], ["-19"]] {
            #expect(try decompress(.zstd, Command.output(of: "zstd", options + ["-q", "-c"], input: bytes)) == bytes)
        }
    }
}
