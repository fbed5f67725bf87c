/// A file from the web: makes a file system with that one file at its top, mode 0600, owned by root.
public struct HTTPOperation: Hashable, Sendable {
    /// What the answer becomes.
    public enum Form: String, Hashable, Sendable {
        /// A file of that name.
        case file
        /// The files in it, where it is an archive; else the same as `file`.
        case tree
    }

    public var url: String
    /// What the file is called: the last component of the URL's path. Nil where it has none: then the server may say.
    public var fileName: String?
    /// The digest that the content must have, as written (`sha256:…`).
    public var checksum: String?
    public var form: Form

    /// What a file is called whose name neither the URL nor the server says.
    public static let unnamed = "__unnamed__"

    public init(url: String, fileName: String? = nil, checksum: String? = nil, form: Form = .file) {
        self.url = url
        self.fileName = fileName
        self.checksum = checksum
        self.form = form
    }
}

/// A tree from a git repository.
public struct GitOperation: Hashable, Sendable {
    /// Which time the files have.
    public enum Times: String, Hashable, Sendable {
        /// The commit's: the same whenever it is fetched.
        case commit
        /// That of the checkout.
        case checkout
    }

    public var remote: String
    /// A branch, tag or commit; nil is the remote's default branch.
    public var reference: String?
    /// The part of the tree that is wanted.
    public var subdirectory: String?
    public var keepsGitDirectory: Bool
    /// The commit that the reference must be, or its beginning.
    public var checksum: String?
    /// Whether the repositories that the tree has submodules of are fetched too.
    public var hasSubmodules: Bool
    public var times: Times

    public init(
        remote: String,
        reference: String? = nil,
        subdirectory: String? = nil,
        keepsGitDirectory: Bool = false,
        checksum: String? = nil
    ) {
        self.remote = remote
        self.reference = reference
        self.subdirectory = subdirectory
        self.keepsGitDirectory = keepsGitDirectory
        self.checksum = checksum
        hasSubmodules = true
        times = .commit
    }
}
