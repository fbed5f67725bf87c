import ByteStreams
import Glibc
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

@Suite struct ReadAheadTests {
    @Test(arguments: [(1, 1), (7, 2), (1_000, 3), (262_144, 8)], [1, 999, 1_000, 262_144])
    func sameBytes(_ shape: (chunk: Int, depth: Int), _ size: Int) throws {
        let count = shape.chunk == 1 ? 3_000 : 200_000
        let source = ReadAheadSource(MemorySource(counting(count)), chunkSize: shape.chunk, depth: shape.depth)
        let sink = MemorySink()
        #expect(try source.copy(to: sink, chunkSize: size) == Int64(count))
        #expect(sink.bytes == counting(count))
        var buffer = [UInt8](repeating: 0, count: size)
        #expect(try source.read(into: &buffer, from: 0) == 0)
    }

    @Test func errorsComeAfterTheBytes() throws {
        let source = ReadAheadSource(FailingSource(after: 5_000), chunkSize: 1_000, depth: 2)
        var buffer = [UInt8](repeating: 0, count: 700)
        var total = 0
        let error = #expect(throws: StreamError.self) {
            while true { total += try source.read(into: &buffer, from: 0) }
        }
        #expect(total == 5_000)
        #expect(error?.reason == .system(SystemError("read", nil, .ioError)))
    }

    @Test func goesAwayEarly() throws {
        for _ in 0..<50 {
            let source = ReadAheadSource(MemorySource(counting(100_000)), chunkSize: 1_000, depth: 2)
            var buffer = [UInt8](repeating: 0, count: 10)
            #expect(try source.read(into: &buffer, from: 0) == 10)
        }
    }

    @Test func aSilentPipeHoldsNothingUp() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        let writer = OwnedDescriptor(adopting: ends[1])
        do {
            let source = ReadAheadSource(FileSource(OwnedDescriptor(adopting: ends[0])))
            try DescriptorIO.write(writer.raw, [1, 2, 3].span)
            var buffer = [UInt8](repeating: 0, count: 10)
            #expect(try source.read(into: &buffer, from: 0) == 3)
        }
        try DescriptorIO.write(writer.raw, [4].span)
    }
}

/// Notes whether it was let go of.
final class NotingSink: ByteSink {
    let noted: Guarded<Bool>
    init(_ noted: Guarded<Bool>) { self.noted = noted }
    deinit { noted.update { $0 = true } }
    func write(_ bytes: Span<UInt8>) {}
}

@Suite struct WriteBehindTests {
    @Test(arguments: [(1, 1), (1_000, 2), (262_144, 8)], [1, 999, 262_144, 1_000_000])
    func sameBytes(_ shape: (chunk: Int, depth: Int), _ size: Int) throws {
        let count = shape.chunk == 1 || size == 1 ? 3_000 : 200_000
        let sink = MemorySink()
        let behind = WriteBehindSink(sink, chunkSize: shape.chunk, depth: shape.depth)
        try MemorySource(counting(count)).copy(to: behind, chunkSize: size)
        try behind.finish()
        #expect(sink.bytes == counting(count))
    }

    @Test func errorsComeBack() throws {
        let behind = WriteBehindSink(FailingSink(after: 5_000), chunkSize: 1_000, depth: 2)
        let error = #expect(throws: StreamError.self) {
            for _ in 0..<100 { try behind.write(counting(1_000).span) }
        }
        #expect(error?.reason == .system(SystemError("write", nil, .noSpace)))
        let late = WriteBehindSink(FailingSink(after: 5), chunkSize: 1_000, depth: 2)
        try late.write(counting(10).span)
        #expect(throws: StreamError.self) { try late.finish() }
    }

    @Test func nothingToWrite() throws {
        let sink = MemorySink()
        try WriteBehindSink(sink).finish()
        #expect(sink.bytes == [])
    }

    @Test func letsGoWithoutFinish() throws {
        let noted = Guarded(false)
        do {
            let behind = WriteBehindSink(NotingSink(noted), chunkSize: 10, depth: 2)
            try behind.write(counting(100).span)
        }
        #expect(noted.wait { $0 ? true : nil })
    }
}

@Suite struct BlockingPoolTests {
    struct Refused: Error, Equatable { var number: Int }

    @Test func runsElsewhere() async throws {
        let pool = BlockingPool(threads: 2)
        let values = await withTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask {
                    await pool.run {
                        usleep(1_000)
                        return number * number
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(values == (0..<20).map { $0 * $0 }.reduce(0, +))
        do throws(Refused) {
            _ = try await BlockingPool.shared.run { () throws(Refused) -> Int in throw Refused(number: 7) }
            Issue.record("nothing was thrown")
        } catch { #expect(error == Refused(number: 7)) }
    }
}
