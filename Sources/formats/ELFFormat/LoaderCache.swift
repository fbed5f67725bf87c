/// `/etc/ld.so.cache`: where the GNU C library's loader finds libraries by name.
///
/// Knows the format of glibc 2.2 and later, alone or behind the older one.
public struct LoaderCache: Hashable, Sendable {
    /// One library.
    public struct Entry: Hashable, Sendable {
        /// Kind of library and processor: see `ELFTarget.cacheFlags`.
        public var flags: UInt32
        /// What the processor must be able to do; 0 for every processor.
        public var capabilities: UInt64
        /// Where it is.
        public var path: String
    }

    private var entries: [String: [Entry]] = [:]

    /// More than any honest cache has.
    static let limit = 1 << 20

    /// A cache without libraries.
    public init() {}

    /// Reads a cache's bytes.
    public init(_ bytes: [UInt8]) throws(ELFError) {
        let magic = Array("glibc-ld.so.cache1.1".utf8)
        guard let start = Self.find(magic, in: bytes) else { throw ELFError(.invalid("no ld.so.cache")) }
        let whole = bytes[start...]
        guard whole.count >= 48 else { throw ELFError(.truncated("ld.so.cache")) }
        // 2 is little, 3 is big; 0 is what older versions wrote, on machines that are nearly all little.
        let isBigEndian = bytes[start + 28] & 3 == 3
        func record(_ place: Int, _ count: Int) -> ELFRecord {
            ELFRecord(bytes: whole[(start + place)..<(start + place + count)], isBigEndian: isBigEndian, is64Bit: true)
        }
        let count = Int(record(20, 4).u32(0))
        guard count <= Self.limit, 48 + count * 24 <= whole.count else { throw ELFError(.truncated("ld.so.cache")) }
        for index in 0..<count {
            let entry = record(48 + index * 24, 24)
            guard let name = Self.text(whole, at: Int(entry.u32(4))), let path = Self.text(whole, at: Int(entry.u32(8)))
            else { throw ELFError(.invalid("a name of ld.so.cache")) }
            entries[name, default: []].append(
                Entry(flags: entry.u32(0), capabilities: entry.u64(16), path: path)
            )
        }
    }

    /// What the cache knows under a name for a kind of library, for every processor first.
    public func libraries(_ name: String, flags: UInt32) -> [Entry] {
        (entries[name] ?? []).filter { $0.flags == flags }.sorted { $0.capabilities < $1.capabilities }
    }

    /// How many names there are.
    public var count: Int { entries.count }

    /// The new format's beginning: at the top, or behind the old format's entries.
    private static func find(_ magic: [UInt8], in bytes: [UInt8]) -> Int? {
        if bytes.starts(with: magic) { return 0 }
        guard bytes.starts(with: Array("ld.so-1.7.0".utf8)), bytes.count >= magic.count else { return nil }
        return (0...(bytes.count - magic.count)).first { bytes[$0] == magic[0] && bytes[$0...].starts(with: magic) }
    }

    private static func text(_ bytes: ArraySlice<UInt8>, at place: Int) -> String? {
        guard place < bytes.count else { return nil }
        let rest = bytes[(bytes.startIndex + place)...].prefix(ELFFile.pathLimit + 1)
        guard let end = rest.firstIndex(of: 0) else { return nil }
        return String(decoding: rest[..<end], as: UTF8.self)
    }
}
