/// One thing in an archive, whatever dialect it was written in.
public struct TarEntry: Hashable, Sendable {
    /// What an entry is, with what only this kind has.
    public enum Kind: Hashable, Sendable {
        case file, directory, fifo
        case symbolicLink(TarPath)
        /// Another name of the earlier entry with that name.
        case hardLink(TarPath)
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
    }

    /// An extended attribute: `SCHILY.xattr.*` or `LIBARCHIVE.xattr.*`.
    public struct XAttr: Hashable, Sendable {
        /// The whole name with its name space, `user.comment`.
        public var name: [UInt8]
        /// The value, any bytes.
        public var value: [UInt8]

        /// An attribute from its parts.
        public init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// A piece of a sparse file that is stored; what lies between the pieces is zeros.
    public struct SparseSegment: Hashable, Sendable {
        /// Where the piece starts in the file.
        public var offset: Int64
        /// How many bytes it has.
        public var length: Int64

        /// A piece from its parts.
        public init(offset: Int64, length: Int64) {
            self.offset = offset
            self.length = length
        }
    }

    /// The name, without the slash that marks a directory.
    public var path: TarPath
    /// What it is.
    public var kind: Kind
    /// The permission bits, set-id bits and sticky bit: at most 0o7777.
    public var mode: UInt32
    /// The owner's number.
    public var uid: UInt32 = 0
    /// The group's number.
    public var gid: UInt32 = 0
    /// The owner's name, empty where the archive has none.
    public var userName = ""
    /// The group's name, empty where the archive has none.
    public var groupName = ""
    /// How long a file is, holes included; 0 for everything else.
    public var size: Int64 = 0
    /// When the contents changed.
    public var modified = TarTime(seconds: 0)
    /// When it was read, where the archive says so.
    public var accessed: TarTime?
    /// When the inode changed, where the archive says so.
    public var changed: TarTime?
    /// The extended attributes in the order of the archive.
    public var xattrs: [XAttr] = []
    /// The stored pieces of a sparse file, in order, none empty; nil for files that are stored whole.
    public var sparse: [SparseSegment]?

    /// An entry of the least it needs.
    public init(_ path: TarPath, kind: Kind, mode: UInt32, size: Int64 = 0) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.size = size
    }

    /// How many body bytes follow the entry's header: the size, or for a sparse file the sum of its pieces.
    public var storedSize: Int64 { sparse.map { $0.reduce(0) { $0 + $1.length } } ?? size }
}
