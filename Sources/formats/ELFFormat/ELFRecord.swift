/// A few bytes with numbers in them. Places are the caller's constants and lie inside.
struct ELFRecord {
    var bytes: ArraySlice<UInt8>
    var isBigEndian: Bool
    var is64Bit: Bool

    func u8(_ place: Int) -> UInt8 { bytes[bytes.startIndex + place] }
    func u16(_ place: Int) -> UInt16 { UInt16(truncatingIfNeeded: number(place, 2)) }
    func u32(_ place: Int) -> UInt32 { UInt32(truncatingIfNeeded: number(place, 4)) }
    func u64(_ place: Int) -> UInt64 { number(place, 8) }

    /// A number as wide as the file's addresses.
    func word(_ place: Int) -> UInt64 { number(place, is64Bit ? 8 : 4) }

    private func number(_ place: Int, _ width: Int) -> UInt64 {
        let start = bytes.startIndex + place
        var value: UInt64 = 0
        for index in 0..<width {
            value = value << 8 | UInt64(bytes[start + (isBigEndian ? index : width - 1 - index)])
        }
        return value
    }
}
