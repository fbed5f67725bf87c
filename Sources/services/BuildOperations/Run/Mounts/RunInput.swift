import LinuxSystem
import Reporting
import SystemPackage

/// What a mount of RUN takes its files from.
enum RunInput: Sendable {
    /// The empty file system.
    case nothing
    /// A file system of the build's, the top layer first.
    case layers([FilePath])
    /// A context of the caller's.
    case tree(any SourceTree)

    /// The files as something that can be looked at.
    func sourceTree() throws -> any SourceTree {
        switch self {
        case .nothing: EmptyTree(name: "the empty file system")
        case .layers(let lowers) where lowers.isEmpty: EmptyTree(name: "the empty file system")
        case .layers(let lowers): ImageTree(try LayeredTree(lowers: lowers), name: "the stage's file system")
        case .tree(let tree): tree
        }
    }

    /// Whether a path is the top of an input without files.
    func isEmpty(_ path: String) -> Bool {
        guard PathBytes(path).clipped.bytes.isEmpty else { return false }
        return switch self {
        case .nothing: true
        case .layers(let lowers): lowers.isEmpty
        case .tree(let tree): tree is EmptyTree
        }
    }

    /// Where a path leads with all links followed, and what stands there.
    func place(of path: String) throws -> (tree: any SourceTree, path: PathBytes, status: FileStatus) {
        let tree = try sourceTree()
        let wanted = PathBytes(path).clipped
        guard let real = try tree.resolve(wanted), let status = try tree.status(real) else {
            throw SourceSelection(tree: tree).absence(of: path, wanted)
        }
        return (tree, real, status)
    }
}
