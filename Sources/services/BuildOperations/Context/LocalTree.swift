import DockerfileSyntax
import LinuxSystem
import Reporting
import SystemPackage

/// A context in a directory, read in place: nothing is copied, and only what an instruction names is looked at.
///
/// What the ignore file excludes isn't there. Every path is resolved below the directory: no link leads out of it.
final class LocalTree: SourceTree {
    let name: String
    let belongsToRoot = true
    private let files: LocalFiles
    private let listing: ReadAheadListing
    private let ignoreFile: String
    /// The directory that a file was opened in last: the next one mostly lies there too.
    private let latest = Guarded<OpenFolder?>(nil)

    private final class OpenFolder: Sendable {
        let path: PathBytes
        let directory: Directory

        init(_ path: PathBytes, _ directory: consuming Directory) {
            self.path = path
            self.directory = directory
        }
    }

    /// - Parameter ignoreFile: what the ignore file is called in messages.
    init(
        _ directory: consuming Directory,
        name: String,
        ignored: IgnorePatterns = IgnorePatterns(),
        ignoreFile: String = ".dockerignore"
    ) {
        let files = LocalFiles(directory, ignored: ignored)
        self.files = files
        listing = ReadAheadListing { try files.entries(in: $0) }
        self.name = name
        self.ignoreFile = ignoreFile
    }

    func status(_ path: PathBytes) throws -> FileStatus? {
        if path.bytes.isEmpty { return try files.directory.status() }
        guard let status = try statusOfAll(path) else { return nil }
        return files.hides(path, isDirectory: status.kind == .directory) ? nil : status
    }

    func resolve(_ path: PathBytes) throws -> PathBytes? {
        try LinkResolution(status: status, readLink: readLink).resolve(path)
    }

    func names(in directory: PathBytes) throws -> [PathBytes] { try files.names(in: directory) }

    func entries(in directory: PathBytes) throws -> [SourceEntry] { try listing.entries(in: directory) }

    func announce(_ directories: [PathBytes]) { listing.announce(directories) }

    func readLink(_ path: PathBytes) throws -> PathBytes { PathBytes(try files.directory.readLink(path)) }

    func open(_ path: PathBytes) throws -> OwnedDescriptor {
        guard let (parent, name) = path.splitAtLast else { return try files.directory.openForReading(path) }
        if let folder = latest.update({ $0 }), folder.path == parent {
            return try folder.directory.openForReading(name)
        }
        let folder = OpenFolder(parent, try files.directory.directory(parent))
        latest.update { $0 = folder }
        return try folder.directory.openForReading(name)
    }

    func attributes(_ path: PathBytes) throws -> [ExtendedAttribute] {
        try ExtendedAttribute.layerAttributes(of: path, in: files.directory)
    }

    /// A reference to a file or directory at a path without links.
    func reference(_ path: PathBytes) throws(SystemError) -> OwnedDescriptor {
        try files.directory.reference(path.bytes.isEmpty ? "." : path)
    }

    /// What the ignore file hides below a directory, relative to it: the outermost names only.
    func hidden(below top: PathBytes) throws -> [PathBytes] {
        if files.ignored.rules.isEmpty { return [] }
        var found: [PathBytes] = []
        var waiting: [PathBytes] = [""]
        while let next = waiting.popLast() {
            let path = top.appending(next)
            let entries = try path.bytes.isEmpty ? files.directory.entries() : files.directory.directory(path).entries()
            for entry in entries {
                let inner = next.appending(entry.name)
                let isDirectory = entry.kind == .directory
                if files.hides(path.appending(entry.name), isDirectory: isDirectory) {
                    found.append(inner)
                } else if isDirectory {
                    waiting.append(inner)
                }
            }
        }
        return found.sorted()
    }

    func reasonForAbsence(of path: PathBytes) -> String? {
        guard let rule = files.ignored.match(path.description).rule, !rule.isException else { return nil }
        return "excluded by line \(rule.line) of \(ignoreFile): \(rule.pattern)"
    }

    private func statusOfAll(_ path: PathBytes) throws -> FileStatus? {
        do { return try files.directory.status(path) } catch {
            // A link that leads out of the context leads to nothing.
            if [.noSuchFileOrDirectory, .notDirectory, .improperLink, .tooManySymbolicLinkLevels].contains(error.errno)
            {
                return nil
            }
            throw error
        }
    }
}
