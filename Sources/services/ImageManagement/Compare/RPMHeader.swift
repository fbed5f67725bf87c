/// What rpm keeps of a package: an index of tags, and a store of values behind it, all numbers with the highest byte first.
///
/// It comes out of an image, so every number in it is checked before it is used.
struct RPMHeader {
    private let bytes: [UInt8]
    private let entries: Int
    private let store: Int

    private enum Tag: UInt32 { case name = 1000, version, release, epoch, architecture = 1022 }
    private enum Kind: UInt32 { case int32 = 4, string = 6 }

    /// Nil for what is no header.
    init?(_ bytes: [UInt8]) {
        guard let entries = Self.number(bytes, at: 0), let size = Self.number(bytes, at: 4), entries <= 65_536 else {
            return nil
        }
        self.bytes = bytes
        self.entries = Int(entries)
        store = 8 + Int(entries) * 16
        guard store + Int(size) <= bytes.count else { return nil }
    }

    var name: String? { text(.name) }
    var architecture: String { text(.architecture) ?? "" }

    /// `1:2.3-4.fc40`.
    var version: String? {
        guard let version = text(.version) else { return nil }
        let epoch = place(.epoch, .int32).flatMap { Self.number(bytes, at: $0) }
        return (epoch.map { "\($0):" } ?? "") + version + (text(.release).map { "-\($0)" } ?? "")
    }

    /// Where the value of a tag begins.
    private func place(_ tag: Tag, _ kind: Kind) -> Int? {
        for index in 0..<entries {
            let entry = 8 + index * 16
            guard Self.number(bytes, at: entry) == tag.rawValue, Self.number(bytes, at: entry + 4) == kind.rawValue,
                let offset = Self.number(bytes, at: entry + 8)
            else { continue }
            return store + Int(offset)
        }
        return nil
    }

    private func text(_ tag: Tag) -> String? {
        guard let start = place(tag, .string), start < bytes.count,
            let end = bytes[start...].firstIndex(of: 0), end - start < 4096
        else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private static func number(_ bytes: [UInt8], at place: Int) -> UInt32? {
        guard place >= 0, place + 4 <= bytes.count else { return nil }
        return bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
