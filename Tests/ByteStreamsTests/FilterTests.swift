import ByteStreams
import LinuxSystem
import Reporting
import SocleTesting
import SystemPackage
import Testing

/// Fails after some bytes.
final class FailingSource: ByteSource {
    private var left: Int
    init(after count: Int) { left = count }
    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        if left == 0 { throw StreamError(.system(SystemError("read", nil, .ioError))) }
        let count = min(left, buffer.count - start)
        left -= count
        return count
    }
}

/// Fails once it has taken some bytes.
final class FailingSink: ByteSink {
    private var left: Int
    init(after count: Int) { left = count }
    func write(_ bytes: Span<UInt8>) throws(StreamError) {
        left -= bytes.count
        if left < 0 { throw StreamError(.system(SystemError("write", nil, .noSpace))) }
    }
}

func counting(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) } }

@Suite struct FilterTests {
    @Test func tap() throws {
        let sink = MemorySink()
        let source = TapSource(MemorySource(counting(100_000)), sink: sink)
        var buffer = [UInt8](repeating: 9, count: 10)
        #expect(try source.read(into: &buffer, from: 4) == 6)
        #expect(sink.bytes == Array(counting(6)))
        #expect(try source.drain() == 100_000 - 6)
        #expect(sink.bytes == counting(100_000))
        #expect(throws: StreamError.self) {
            try TapSource(MemorySource(counting(100)), sink: FailingSink(after: 50)).drain()
        }
    }

    @Test func hashing() throws {
        let source = HashingSource(MemorySource(counting(1_000)))
        #expect(source.digest() == SHA256Hasher.hash([]))
        var buffer = [UInt8](repeating: 0, count: 100)
        _ = try source.readFully(into: &buffer)
        #expect(source.digest() == SHA256Hasher.hash(counting(100)))
        try source.drain()
        #expect(source.count == 1_000)
        #expect(source.digest() == SHA256Hasher.hash(counting(1_000)))
    }

    @Test(.requires(.tool("sha256sum"))) func hashingAsTheTool() throws {
        let text = String(decoding: try Command.output(of: "sha256sum", input: counting(70_000)), as: UTF8.self)
        let ours = SHA256Hasher.hash(counting(70_000)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(text.hasPrefix(ours + " "))
    }

    @Test func verifying() throws {
        let bytes = counting(1_000)
        let digest = SHA256Hasher.hash(bytes)
        func reason(_ source: [UInt8], _ size: Int64, _ digest: [UInt8]) -> StreamError.Reason? {
            do { try VerifyingSource(MemorySource(source), size: size, sha256: digest).drain() } catch {
                return error.reason
            }
            return nil
        }
        #expect(reason(bytes, 1_000, digest) == nil)
        #expect(reason([], 0, SHA256Hasher.hash([])) == nil)
        #expect(reason(bytes, 999, digest) == .sizeMismatch(expected: 999, actual: 1_000))
        #expect(reason(bytes, 1_001, digest) == .sizeMismatch(expected: 1_001, actual: 1_000))
        var other = bytes
        other[500] ^= 1
        guard case .digestMismatch(let expected, let actual) = reason(other, 1_000, digest) else {
            Issue.record("no digest mismatch")
            return
        }
        #expect(expected.count == 71 && actual.count == 71 && expected != actual && expected.hasPrefix("sha256:"))
        #expect(StreamError(.digestMismatch(expected: "a", actual: "b"), subject: "x").kind == .corrupt)
        #expect(throws: StreamError.self) {
            try VerifyingSource(FailingSource(after: 1_000), size: 1_000, sha256: digest).drain()
        }
    }

    @Test func verifiedOnce() throws {
        let source = VerifyingSource(MemorySource([1]), size: 1, sha256: SHA256Hasher.hash([1]))
        #expect(try source.readAll(limit: 10) == [1])
        #expect(try source.readAll(limit: 10) == [])
    }

    @Test func limits() throws {
        #expect(try LimitedSource(MemorySource(counting(100)), limit: 100).drain() == 100)
        let error = #expect(throws: StreamError.self) {
            try LimitedSource(MemorySource(counting(101)), limit: 100).drain()
        }
        #expect(error?.reason == .tooLarge(limit: 100))
        #expect(error?.kind == .exhausted)
    }

    @Test func peeking() throws {
        let source = PeekableSource(MemorySource(counting(100)))
        #expect(try source.peek(4) == Array(counting(4)))
        #expect(try source.peek(2) == Array(counting(2)))
        var buffer = [UInt8](repeating: 0, count: 3)
        #expect(try source.read(into: &buffer, from: 1) == 2)
        #expect(buffer == [0] + counting(2))
        #expect(try source.peek(200) == Array(counting(100)[2...]))
        #expect(try source.readAll(limit: 100) == Array(counting(100)[2...]))
        #expect(try source.peek(1) == [])
    }
}

@Suite struct MemoryAndFileTests {
    @Test func memorySinkHasALimit() throws {
        let sink = MemorySink(limit: 10)
        try sink.write(counting(10).span)
        #expect(throws: StreamError.self) { try sink.write([1].span) }
        #expect(sink.bytes == counting(10))
    }

    @Test func filesAndPlaces() throws {
        let root = try TemporaryRoot()
        let directory = try root.directory()
        let sink = FileSink(try directory.open("x", flags: 0o101, mode: 0o600))
        #expect(try MemorySource(counting(600_000)).copy(to: sink, chunkSize: 1_000) == 600_000)
        let source = FileSource(try directory.open("x", flags: 0))
        var buffer = [UInt8](repeating: 0, count: 20)
        #expect(try source.readFully(into: &buffer, from: 10) == 10)
        #expect(buffer == [UInt8](repeating: 0, count: 10) + counting(10))
        #expect(try source.readAll(limit: 599_990) == Array(counting(600_000)[10...]))
        let again = FileSource(try directory.open("x", flags: 0), subject: "file x")
        #expect(throws: StreamError.self) { try again.readAll(limit: 1_000) }
        let broken = FileSink(try directory.open("x", flags: 0), subject: "file x")
        let error = #expect(throws: StreamError.self) { try broken.write([1].span) }
        #expect(error?.description.hasPrefix("file x: write: ") == true)
    }
}
