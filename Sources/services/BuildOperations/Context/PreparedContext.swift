import DockerfileSyntax
import LinuxSystem
import SnapshotStorage
import SystemPackage

/// Where a build's files are, after the request's words were followed.
struct PreparedContext: Sendable {
    var definition: Definition
    /// Nil: the build came without files.
    var directory: FilePath?
    /// What messages call it.
    var name: String
    var ignored = IgnorePatterns()
    var ignoreFile = IgnoreFile.standardName
    /// What must live as long as the files are read.
    var keeper: UnpackedContext?

    /// Names the Dockerfile with its context, to find again what its steps were built as before.
    var project: String { name + "\n" + definition.name }

    /// The files as a tree to copy from.
    func tree() throws -> any SourceTree {
        guard let directory else { return EmptyTree(name: name) }
        return LocalTree(try Directory.open(directory), name: name, ignored: ignored, ignoreFile: ignoreFile)
    }
}

/// A context from a stream, unpacked into a directory that is removed when nobody needs it any more.
final class UnpackedContext: Sendable {
    private let tree: ActiveTree

    init(_ tree: consuming ActiveTree) { self.tree = tree }

    var path: FilePath { tree.path }
    func directory() throws -> Directory { try tree.directory() }
}
