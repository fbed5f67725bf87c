/// The ways in which archives and layers come compressed.
///
/// This module turns them into plain bytes and back, as filters on byte streams, in bounded memory. What the bytes mean is
/// none of its business, nor is how many there may be: callers put a `LimitedSource` behind.
public enum Compression: String, Sendable, Hashable, CaseIterable {
    case none, gzip, bzip2, xz, zstd

    /// How many bytes `detect` looks at, at most.
    public static let magicLength = 6

    /// What the first bytes of a file say; `none` where they say nothing.
    public static func detect(_ magic: [UInt8]) -> Compression {
        if magic.starts(with: [0x1f, 0x8b]) { return .gzip }
        if magic.starts(with: [0x42, 0x5a, 0x68]), magic.count > 3, (0x31...0x39).contains(magic[3]) { return .bzip2 }
        if magic.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) { return .xz }
        if magic.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) { return .zstd }
        // A zstd file may begin with a skippable frame: 0x184d2a50 to 5f, little-endian.
        if magic.count >= 4, (0x50...0x5f).contains(magic[0]), magic[1...3].elementsEqual([0x2a, 0x4d, 0x18]) {
            return .zstd
        }
        return .none
    }
}
