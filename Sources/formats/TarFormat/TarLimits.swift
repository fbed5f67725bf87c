/// What a reader accepts before it refuses an archive. The numbers are far above what honest archives have and low
/// enough that a hostile one costs no memory.
public struct TarLimits: Hashable, Sendable {
    /// The longest name and link target, in bytes.
    public var pathBytes = 4096
    /// The largest PAX header, in bytes.
    public var paxBytes = 1 << 20
    /// The largest value of an extended attribute: what the kernel takes.
    public var xattrValueBytes = 65_536
    /// The most extended attributes of one entry.
    public var xattrs = 1024
    /// The most pieces of one sparse file.
    public var sparseSegments = 262_144
    /// The longest file: a sparse one costs nothing to announce.
    public var fileBytes: Int64 = 1 << 43
    /// The most entries of one archive.
    public var entries: Int64 = 10_000_000

    /// The standard limits.
    public init() {}

    /// The standard limits.
    public static let standard = TarLimits()
}
