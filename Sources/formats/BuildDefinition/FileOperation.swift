/// Changes to a file system that need no program of it, in order, made as one layer.
public struct FileOperation: Hashable, Sendable {
    public var actions: [FileAction]

    public init(actions: [FileAction]) {
        self.actions = actions
    }
}

/// One change to a file system.
public enum FileAction: Hashable, Sendable {
    case copy(CopyAction)
    case makeDirectory(MakeDirectoryAction)
}

/// A directory with its parents, each made if it isn't there; an existing one is left as it is.
public struct MakeDirectoryAction: Hashable, Sendable {
    /// Absolute, in the file system below.
    public var path: String
    /// `user[:group]` by name or number, looked up in the file system below; nil is root.
    public var owner: String?
    public var mode: UInt32

    public init(path: String, owner: String? = nil, mode: UInt32 = 0o755) {
        self.path = path
        self.owner = owner
        self.mode = mode
    }
}

/// Files from somewhere to a place in the file system below: COPY and ADD.
public struct CopyAction: Hashable, Sendable {
    public var sources: [CopySource]
    /// Absolute; ends in a slash where it was written so, which makes it a directory.
    public var destination: String
    /// Whether an archive of the build context is unpacked: ADD, unless `--unpack=false`.
    public var unpack: Unpacking
    /// `user[:group]` by name or number, looked up in the file system below; nil keeps what the sources have
    /// (root for a context).
    public var owner: String?
    public var mode: ModeChange?
    /// Whether the layer is made without looking at the file system below.
    public var link: Bool
    /// Whether the sources' own paths are kept below the destination.
    public var parents: Bool
    /// Patterns of what isn't copied, relative to the source, as in an ignore file.
    public var exclude: [String]

    /// What is done with a source that is an archive.
    public enum Unpacking: String, Hashable, Sendable {
        /// It is a file like any other: COPY.
        case never
        /// An archive in a local context is unpacked, a downloaded one isn't: ADD.
        case local
        /// Every archive is unpacked: `ADD --unpack`.
        case always
    }

    public init(
        sources: [CopySource],
        destination: String,
        unpack: Unpacking = .never,
        owner: String? = nil,
        mode: ModeChange? = nil,
        link: Bool = false,
        parents: Bool = false,
        exclude: [String] = []
    ) {
        self.sources = sources
        self.destination = destination
        self.unpack = unpack
        self.owner = owner
        self.mode = mode
        self.link = link
        self.parents = parents
        self.exclude = exclude
    }
}

/// Where a copy takes files from.
public enum CopySource: Hashable, Sendable {
    /// Paths or patterns in one of the vertex's inputs.
    case paths(input: Int, [String])
    /// A file that is written in the Dockerfile: mode 0644, owned by root.
    case inline(name: String, bytes: [UInt8])
}
