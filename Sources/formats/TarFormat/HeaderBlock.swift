/// A ustar header while it is filled.
struct HeaderBlock {
    private var bytes = [UInt8](repeating: 0, count: 512)

    init(type: UInt8) {
        bytes[156] = type
        set(257, 8, Array("ustar\u{0}00".utf8))
        setOctal(329, 8, 0)
        setOctal(337, 8, 0)
    }

    /// Puts text at the start of a field.
    mutating func set(_ position: Int, _ count: Int, _ text: some Collection<UInt8>) {
        precondition(text.count <= count)
        for (index, byte) in zip(position..., text) { bytes[index] = byte }
    }

    /// Writes a number with leading zeros and a NUL behind it; zero and false where it does not fit.
    @discardableResult
    mutating func setOctal(_ position: Int, _ count: Int, _ number: Int64) -> Bool {
        let fits = number >= 0 && number >> (3 * Int64(count - 1)) == 0
        var rest = fits ? number : 0
        for index in stride(from: position + count - 2, through: position, by: -1) {
            bytes[index] = UInt8(ascii: "0") + UInt8(rest & 7)
            rest >>= 3
        }
        bytes[position + count - 1] = 0
        return fits
    }

    /// The finished block, with its checksum.
    func sealed() -> [UInt8] {
        var block = self
        block.setOctal(148, 7, TarField.checksum(bytes.span))
        block.bytes[155] = 0x20
        return block.bytes
    }

    /// Whether text can stand in a field of `limit` bytes as it is.
    static func isPlain(_ text: [UInt8], limit: Int) -> Bool {
        text.count <= limit && text.allSatisfy { $0 < 0x80 }
    }

    /// Divides a name between the name field and the prefix field; nil when it does not fit there.
    static func split(_ name: [UInt8]) -> (prefix: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)? {
        if isPlain(name, limit: 100) { return ([], name[...]) }
        guard isPlain(name, limit: 256) else { return nil }
        // The slash between them is in neither field, and the rest must not be empty.
        let last = name.count - 1
        guard
            let cut = (max(0, name.count - 101)..<min(156, last)).first(where: { name[$0] == TarPath.slash }), cut > 0
        else { return nil }
        return (name[..<cut], name[(cut + 1)...])
    }
}
