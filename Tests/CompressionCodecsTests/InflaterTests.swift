import ByteStreams
import SocleTesting
import Testing

@testable import CompressionCodecs

/// Both who can inflate give the same bytes, or an error where the other one does.
@Suite struct InflaterTests {
    private func decoders() throws -> [GzipDecoder] {
        let fast = IgzipInflater().map { GzipDecoder($0) }
        return [GzipDecoder(try ZlibInflater())] + (fast.map { [$0] } ?? [])
    }

    private func inflate(_ packed: [UInt8], by decoder: GzipDecoder, pieces: Int) throws -> [UInt8] {
        try DecodingSource(decoder, over: PiecewiseSource(packed, pieces)).readAll(limit: 1 << 26)
    }

    private func packed(_ members: Int) throws -> [UInt8] {
        try (0..<members).flatMap { try compress(.gzip, sample(40_000 + $0)) }
    }

    @Test(arguments: [1, 2, 3, 7, 8, 9, 100, 131_072]) func piecesOfAnySize(pieces: Int) throws {
        let plain = [40_000, 40_001, 40_002].flatMap(sample)
        for decoder in try decoders() {
            #expect(try inflate(packed(3) + [0, 0, 0], by: decoder, pieces: pieces) == plain)
        }
    }

    @Test func damageIsFoundByBoth() throws {
        let whole = try packed(2)
        for position in stride(from: 0, to: whole.count, by: 97) {
            var damaged = whole
            damaged[position] ^= 0x55
            let results = try decoders().map { decoder in try? inflate(damaged, by: decoder, pieces: 4_096) }
            // The time and the system in a header mean nothing to anybody.
            for result in results.dropFirst() { #expect(result == results[0], "\(position)") }
        }
        for length in [0, 1, 9, 10, whole.count / 2, whole.count - 1] {
            for decoder in try decoders() {
                #expect(throws: (any Error).self) { try inflate(Array(whole.prefix(length)), by: decoder, pieces: 512) }
            }
        }
    }

    /// Bytes at random behind a header: nothing is to be read or written that isn't ours.
    @Test func noise() throws {
        var numbers = SystemRandomNumberGenerator()
        let header = try Array(compress(.gzip, [1]).prefix(10))
        for _ in 0..<2_000 {
            let bytes = header + (0..<300).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            let results = try decoders().map { decoder in try? inflate(bytes, by: decoder, pieces: 64) }
            for result in results.dropFirst() { #expect(result == results[0], "\(bytes)") }
        }
    }
}

/// Gives a few bytes at a time.
private final class PiecewiseSource: ByteSource {
    private var rest: ArraySlice<UInt8>
    private let size: Int

    init(_ bytes: [UInt8], _ size: Int) {
        rest = bytes[...]
        self.size = size
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let piece = rest.prefix(min(size, buffer.count - start))
        buffer.replaceSubrange(start..<start + piece.count, with: piece)
        rest = rest.dropFirst(piece.count)
        return piece.count
    }
}
