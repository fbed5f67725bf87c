import LinuxSystem
import SystemPackage

/// A tree that a copy reads from: a context of the caller's, or a file system that the build made.
///
/// Paths are relative to the tree's top and have no `..`. What the tree hides (an ignored file, a whiteout) isn't there.
protocol SourceTree: AnyObject, Sendable {
    /// What the tree is called in messages.
    var name: String { get }
    /// Whether files belong to root whoever owns them in the tree: a context's do.
    var belongsToRoot: Bool { get }
    /// Whether the tree was fetched from the web: ADD unpacks its archives only when it is told to.
    var isDownloaded: Bool { get }

    /// What stands at a path; the last step is not followed when it is a symbolic link. Nil where nothing does.
    func status(_ path: PathBytes) throws -> FileStatus?
    /// The path after every symbolic link was followed inside the tree; nil where it leads to nothing.
    func resolve(_ path: PathBytes) throws -> PathBytes?
    /// The names in a directory, sorted.
    func names(in directory: PathBytes) throws -> [PathBytes]
    /// The same names with what stands there.
    func entries(in directory: PathBytes) throws -> [SourceEntry]
    /// Says that the entries of these directories will be asked for next, in this order: a tree may read them ahead.
    func announce(_ directories: [PathBytes])
    func readLink(_ path: PathBytes) throws -> PathBytes
    /// Opens a regular file for reading.
    func open(_ path: PathBytes) throws -> OwnedDescriptor
    /// The extended attributes of a directory that belong in a layer; a file's are read from the open file.
    func attributes(_ path: PathBytes) throws -> [ExtendedAttribute]
    /// Why something that a user asked for isn't there, as far as the tree knows; nil if it knows no reason.
    func reasonForAbsence(of path: PathBytes) -> String?
}

/// A name in a directory of a source tree, and what stands there.
struct SourceEntry: Sendable {
    var name: PathBytes
    var status: FileStatus
}

extension SourceTree {
    var isDownloaded: Bool { false }

    func announce(_ directories: [PathBytes]) {}

    func entries(in directory: PathBytes) throws -> [SourceEntry] {
        try names(in: directory).compactMap { name in
            try status(directory.appending(name)).map { SourceEntry(name: name, status: $0) }
        }
    }
}

extension PathBytes {
    /// The path with `.` and `..` worked out and clipped at the top, without leading and trailing slashes.
    var clipped: PathBytes {
        var kept: [PathBytes] = []
        for component in components {
            if component == ".." { _ = kept.popLast() } else { kept.append(component) }
        }
        return PathBytes(kept: kept)
    }

    init(kept components: [PathBytes]) {
        self.init(Array(components.map(\.bytes).joined(separator: [UInt8(ascii: "/")])))
    }

    var lastName: PathBytes { components.last ?? "" }

    /// The directories above, the top (empty) left out, outermost first.
    var ancestors: [PathBytes] {
        let all = components
        return all.indices.dropFirst().map { PathBytes(kept: Array(all[..<$0])) }
    }
}
