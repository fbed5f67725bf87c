public import OCISpec

/// What a vertex does.
public enum Operation: Hashable, Sendable {
    /// An image from the store or a registry.
    case image(ImageOperation)
    /// Files of the caller's: the build context, or another one by name.
    case local(LocalOperation)
    /// One file from the web.
    case http(HTTPOperation)
    /// A tree from a git repository.
    case git(GitOperation)
    /// Copies and directories, made as one layer.
    case file(FileOperation)
    /// A program that runs in the file system below.
    case run(RunOperation)
}

/// An image for a platform.
public struct ImageOperation: Hashable, Sendable {
    public var reference: ImageReference
    public var platform: Platform

    public init(reference: ImageReference, platform: Platform) {
        self.reference = reference
        self.platform = platform
    }
}

/// A directory of the caller's.
public struct LocalOperation: Hashable, Sendable {
    /// The name of the build context.
    public static let mainContext = "context"

    /// `context`, or the name of an additional context.
    public var name: String

    public init(name: String = LocalOperation.mainContext) {
        self.name = name
    }
}

/// A file from the web: makes a file system with that one file at its top, mode 0600, owned by root.
public struct HTTPOperation: Hashable, Sendable {
    public var url: String
    /// What the file is called; the URL's last component where nothing else is known.
    public var fileName: String
    /// The digest that the content must have, as written (`sha256:…`).
    public var checksum: String?

    public init(url: String, fileName: String, checksum: String? = nil) {
        self.url = url
        self.fileName = fileName
        self.checksum = checksum
    }
}

/// A tree from a git repository.
public struct GitOperation: Hashable, Sendable {
    public var remote: String
    /// A branch, tag or commit; nil is the remote's default branch.
    public var reference: String?
    /// The part of the tree that is wanted.
    public var subdirectory: String?
    public var keepsGitDirectory: Bool
    /// The commit that the reference must be.
    public var checksum: String?

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
    }
}
