import ByteStreams
import Testing

/// The digest must not depend on how the work was shared.
@Suite struct BesideHasherTests {
    @Test(arguments: [0, 1, 65_535, 65_536, 1 << 20, (5 << 20) + 17])
    func agreesWithTheOtherHasher(size: Int) throws {
        var value: UInt32 = 7
        let bytes = (0..<size).map { _ in
            value = value &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: value >> 24)
        }
        for chunk in [1 << 16, 100_000, 1 << 20] {
            let hasher = BesideHasher()
            var written = 0
            for start in stride(from: 0, to: size, by: chunk) {
                let piece = bytes.span.extracting(start..<min(start + chunk, size))
                try hasher.update(piece) { () throws(StreamError) in written += piece.count }
            }
            #expect(written == size)
            #expect(hasher.count == Int64(size))
            #expect(hasher.current() == SHA256Hasher.hash(bytes))
        }
    }

    @Test func theWorksErrorComesBack() throws {
        let bytes = [UInt8](repeating: 1, count: 1 << 20)
        let hasher = BesideHasher()
        for _ in 0..<3 { try hasher.update(bytes.span) { () throws(StreamError) in } }
        #expect(throws: StreamError.self) {
            try hasher.update(bytes.span) { () throws(StreamError) in throw StreamError(.cancelled) }
        }
    }
}
