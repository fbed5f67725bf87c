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
