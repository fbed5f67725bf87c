import ByteStreams
import CompressionCodecs
import SocleTesting
import Testing

/// Compression on several threads: always the same bytes, which everybody can read.
struct ParallelCompressorTests {
    /// Several blocks of text that compresses, with a rest.
    private static let sample: [UInt8] = {
        var bytes: [UInt8] = []
        var state: UInt32 = 7
        while bytes.count < 9_000_001 {
            state = state &* 1_664_525 &+ 1_013_904_223
            bytes += Array("line \(state >> 22) of \(bytes.count & 1023)\n".utf8)
        }
        return bytes
    }()

    private func compressed(
        _ compression: Compression,
        _ bytes: [UInt8],
        level: Int? = nil,
        threads: Int,
        pieces: Int = 100_000
    ) throws -> [UInt8] {
        let output = MemorySink()
        let sink = try ParallelCompressor.sink(compression, level: level, threads: threads, over: output)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try sink.write(bytes.span.extracting(start..<min(start + pieces, bytes.count)))
        }
        try sink.finish()
        return output.bytes
    }

    @Test(arguments: [Compression.gzip, .zstd]) func threadsAndPiecesMakeNoDifference(_ compression: Compression) throws
    {
        let one = try compressed(compression, Self.sample, threads: 1)
        #expect(try compressed(compression, Self.sample, threads: 2) == one)
        #expect(try compressed(compression, Self.sample, threads: 5, pieces: 777_777) == one)
        #expect(try compressed(compression, Self.sample, threads: 2, pieces: 1 << 20) == one)
        #expect(one.count < Self.sample.count / 2)
        let (found, plain) = try Decompressor.detecting(MemorySource(one))
        #expect(found == compression)
        #expect(try plain.readAll(limit: .max) == Self.sample)
    }

    @Test(arguments: [(Compression.gzip, 0...9), (.zstd, 0...19)])
    func levelsAreReadBack(_ compression: Compression, _ levels: ClosedRange<Int>) throws {
        let sample = Array(Self.sample.prefix(2_500_000))
        var sizes: [Int] = []
        for level in [levels.lowerBound, 1, levels.upperBound] {
            let bytes = try compressed(compression, sample, level: level, threads: 2)
            sizes.append(bytes.count)
            let (_, plain) = try Decompressor.detecting(MemorySource(bytes))
            #expect(try plain.readAll(limit: .max) == sample, "level \(level)")
        }
        #expect(sizes[2] < sizes[1])
    }

    @Test(arguments: [Compression.gzip, .zstd], [0, 1, 1 << 20, 4 << 20, (4 << 20) + 1])
    func blockBorders(_ compression: Compression, _ size: Int) throws {
        let sample = Array(Self.sample.prefix(size))
        let bytes = try compressed(compression, sample, threads: 2)
        let (_, plain) = try Decompressor.detecting(MemorySource(bytes))
        #expect(try plain.readAll(limit: .max) == sample)
    }

    @Test(.requires(.all(.tool("gzip"), .tool("zstd")))) func othersReadIt() throws {
        for (compression, tool) in [(Compression.gzip, "gzip"), (.zstd, "zstd")] {
            let bytes = try compressed(compression, Self.sample, threads: 2)
            #expect(try Command.output(of: tool, ["-dc"], input: bytes) == Self.sample, "\(tool)")
        }
    }

    @Test func refusesWhatThereIsNot() {
        #expect(throws: StreamError.self) {
            try ParallelCompressor.sink(.gzip, level: 10, threads: 1, over: NullSink())
        }
        #expect(throws: StreamError.self) {
            try ParallelCompressor.sink(.zstd, level: 23, threads: 1, over: NullSink())
        }
        #expect(throws: StreamError.self) { try ParallelCompressor.sink(.xz, threads: 1, over: NullSink()) }
    }

    /// What goes wrong below comes out of the writer, and the threads end.
    @Test func errorsOfTheDownstreamComeBack() throws {
        let sink = try ParallelCompressor.sink(.gzip, level: 0, threads: 2, over: MemorySink(limit: 1_500_000))
        #expect(throws: StreamError.self) {
            try sink.write(Self.sample.span)
            try sink.finish()
        }
    }
}
