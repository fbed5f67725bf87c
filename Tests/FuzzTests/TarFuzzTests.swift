import ByteStreams
import SocleTesting
import TarFormat
import Testing

/// Archives with a few bytes changed: reading them ends, with entries or an error, and never with a crash.
@Suite struct TarFuzzTests {
    /// `SOCLE_FUZZ_ITERATIONS` of the environment, a handful otherwise.
    private static let iterations =
        (try? Command.run("printenv", ["SOCLE_FUZZ_ITERATIONS"]).text).flatMap {
            Int($0.prefix { $0 != "\n" })
        } ?? 20

    @Test(arguments: Golden.cases("tar").filter { $0.hasSuffix(".tar") })
    func changedArchives(_ name: String) throws {
        let original = try #require(try Golden.bytes("tar/\(name)"))
        var dice = Dice(seed: name.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
        for _ in 0..<Self.iterations {
            var bytes = original
            for _ in 0...dice.roll(8) { mutate(&bytes, &dice) }
            if dice.roll(4) != 0 { mend(&bytes) }
            read(bytes)
        }
    }

    /// One change: of a byte, of a field, of a block's place, of the length.
    private func mutate(_ bytes: inout [UInt8], _ dice: inout Dice) {
        if bytes.count < 1024 { return }
        switch dice.roll(6) {
        case 0: bytes[dice.roll(bytes.count)] = UInt8(dice.roll(256))
        case 1: bytes[dice.roll(bytes.count)] ^= 1 << UInt8(dice.roll(8))
        case 2: bytes.removeLast(dice.roll(bytes.count / 2))
        case 3:
            // A number or type of some header.
            let block = dice.roll(bytes.count / 512) * 512
            let field = [(100, 8), (108, 8), (124, 12), (136, 12), (156, 1), (257, 8), (345, 12), (386, 24), (482, 14)]
            let (position, count) = field[dice.roll(field.count)]
            let digits: [UInt8] = [0x30, 0x37, 0x39, 0x20, 0, 0x80, 0xff, 0x2d, 0x78, 0x67, 0x4c, 0x53]
            for index in 0..<count { bytes[block + position + index] = digits[dice.roll(digits.count)] }
        case 4:
            let (from, to) = (dice.roll(bytes.count / 512) * 512, dice.roll(bytes.count / 512) * 512)
            bytes.replaceSubrange(to..<to + 512, with: Array(bytes[from..<from + 512]))
        default:
            let block = dice.roll(bytes.count / 512) * 512
            bytes.removeSubrange(block..<block + 512)
        }
    }

    /// Gives every header its right checksum again, so that the change is not found at once.
    private func mend(_ bytes: inout [UInt8]) {
        for block in stride(from: 0, to: bytes.count - 511, by: 512)
        where bytes[(block + 257)..<(block + 262)].elementsEqual("ustar".utf8) {
            for index in 148..<156 { bytes[block + index] = 0x20 }
            let sum = bytes[block..<block + 512].reduce(0) { $0 + Int($1) }
            let digits = Array(String(sum, radix: 8).utf8)
            let field = [UInt8](repeating: 0x30, count: 6 - digits.count) + digits + [0, 0x20]
            bytes.replaceSubrange(block + 148..<block + 156, with: field)
        }
    }

    /// Reads as everybody does who trusts the reader; what it says must be possible.
    private func read(_ bytes: [UInt8]) {
        let reader = TarReader(MemorySource(bytes))
        do throws(TarError) {
            while let entry = try reader.next() {
                #expect(entry.path.bytes.count <= 4096 && entry.size >= 0 && entry.mode <= 0o7777)
                #expect(entry.storedSize <= entry.size && entry.xattrs.count <= 1024)
                var body = [UInt8](repeating: 0, count: 4096)
                var count: Int64 = 0
                while true {
                    let more = try reader.readBody(into: &body)
                    if more == 0 { break }
                    count += Int64(more)
                }
                #expect(count == (entry.kind == .file ? entry.storedSize : 0))
                #expect(entry.path.bytes.isEmpty || !"\(entry.path)".isEmpty)
                // Writing takes what reading gives, or says why not.
                var writer = TarWriter(to: NullSink())
                do throws(TarError) { try writer.append(entry) } catch { #expect(error.path == entry.path) }
            }
            try reader.finish()
        } catch {
            #expect(!error.description.isEmpty && error.offset <= Int64(bytes.count))
        }
    }

    /// Small numbers that are the same every time.
    private struct Dice {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func roll(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
    }
}
