import Glibc

/// Damages inputs in ways that can be repeated: the same seed gives the same inputs.
struct SpecMutator {
    private var state: UInt64

    /// `SOCLE_FUZZ_SEED`, if set, gives other inputs.
    init(seed: UInt64) { state = seed ^ UInt64(Self.setting("SOCLE_FUZZ_SEED") ?? 0) }

    /// `SOCLE_FUZZ_ITERATIONS`, or enough for a second or two.
    static let iterations = setting("SOCLE_FUZZ_ITERATIONS") ?? 2000

    private static func setting(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

    /// One of the seeds with one to six damages.
    mutating func mutated(_ seeds: [[UInt8]]) -> [UInt8] {
        var bytes = seeds[below(seeds.count)]
        for _ in 0...below(6) { damage(&bytes, seeds) }
        return bytes
    }

    private static let telling = Array("/:@.-_[]{}\",\\0aAzZ9 \n\u{0}é".utf8)

    private mutating func damage(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
        guard !bytes.isEmpty else { return bytes = [UInt8(truncatingIfNeeded: next())] }
        let place = below(bytes.count)
        switch below(8) {
        case 0: bytes[place] ^= 1 << UInt8(below(8))
        case 1: bytes[place] = UInt8(truncatingIfNeeded: next())
        case 2: bytes.insert(Self.telling[below(Self.telling.count)], at: place)
        case 3: bytes.remove(at: place)
        case 4: bytes.removeSubrange(place..<min(bytes.count, place + below(16)))
        case 5: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + below(32))], at: below(bytes.count))
        case 6:
            let other = seeds[below(seeds.count)]
            let cut = below(other.count)
            bytes.replaceSubrange(place..., with: other[min(cut, other.count)...])
        default: bytes[place] = Self.telling[below(Self.telling.count)]
        }
    }
}
