import ContainerMonitor
import LayerTransfer
import LinuxSystem
import Reporting
import SystemPackage

/// What is copied, and what it is called: `.` and `/` for what a directory holds.
struct NamedSource: ~Copyable {
    var tree: TreeSource
    let name: String
}

/// One side of a copy: a root directory, which nothing that is opened leaves, whatever links say.
struct CopySide: ~Copyable {
    let root: Directory
    /// The directories on which the user has something mounted; what is mounted elsewhere isn't entered.
    var mounts: Set<FileStatus.Identity> = []
    /// Whose its files are, where they are those of a container that runs with users of its own.
    let owners: MappedOwners?
    /// Of a container that doesn't run, until the copy is done.
    private let claim: RootClaim?

    init(root: consuming Directory, owners: MappedOwners? = nil, claim: consuming RootClaim? = nil) {
        self.root = root
        self.owners = owners
        self.claim = claim
    }

    /// Called when the copy is done: whoever wants to start the container waits for it.
    borrowing func finish() { withExtendedLifetime(claim) {} }

    /// The host's files.
    static func host() throws -> CopySide { CopySide(root: try Directory.open("/")) }

    /// What is copied, and what it is called; nil where it isn't there.
    func source(_ path: String, followsLink: Bool) throws(SystemError) -> NamedSource? {
        let name = CopyPath.base(path)
        let place = followsLink ? try followed(path, limit: 40) : path
        if place == "/" || CopyPath.isDirectory(place) {
            guard let directory = try directory(place) else { return nil }
            return NamedSource(tree: try TreeSource(directory), name: name)
        }
        let (folder, last) = Self.cut(place)
        guard let holder = try directory(folder), let tree = try TreeSource(PathBytes(last), in: holder) else {
            return nil
        }
        return NamedSource(tree: tree, name: name)
    }

    /// What stands at the place that is copied to, and its kind.
    func destination(_ path: String) throws(SystemError) -> (place: CopyDestination, kind: FileStatus.Kind?) {
        let place = try followed(path, limit: 10)
        let status = try status(place)
        let isDirectory = status?.kind == .directory
        return (.init(path: place, exists: status != nil, isDirectory: isDirectory), status?.kind)
    }

    /// Opens a directory; nil where there is none.
    func directory(_ path: String) throws(SystemError) -> Directory? {
        do throws(SystemError) {
            let flags = FileDescriptor.OpenOptions.directory.rawValue
            return Directory(adopting: try root.openInRoot(PathBytes(path), flags: flags))
        } catch {
            if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
            throw error
        }
    }

    /// Whether a path takes what is no directory for one.
    func isThroughFile(_ path: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            _ = try root.referenceInRoot(PathBytes(path))
            return false
        } catch {
            if error.errno == .notDirectory { return true }
            // What a link of /proc's leads to can only be asked by its text, which the destination does.
            if [.noSuchFileOrDirectory, .tooManySymbolicLinkLevels].contains(error.errno) { return false }
            throw error
        }
    }

    private func status(_ path: String) throws(SystemError) -> FileStatus? {
        if path == "/" || CopyPath.isDirectory(path) { return try directory(path)?.status() }
        let (folder, last) = Self.cut(path)
        return try directory(folder)?.status(PathBytes(last))
    }

    /// The path behind the links at its end.
    private func followed(_ path: String, limit: Int) throws(SystemError) -> String {
        var path = path
        for _ in 0...limit {
            if path == "/" || CopyPath.isDirectory(path) { return path }
            let (folder, last) = Self.cut(path)
            guard let holder = try directory(folder), try holder.status(PathBytes(last))?.kind == .symbolicLink else {
                return path
            }
            let target = String(decoding: try holder.readLink(PathBytes(last)), as: UTF8.self)
            path = target.hasPrefix("/") ? target : folder + "/" + target
        }
        throw SystemError("stat", path, .tooManySymbolicLinkLevels)
    }

    /// Without taking `..` away, which after a link is another directory.
    private static func cut(_ path: String) -> (folder: String, name: String) {
        guard let index = path.lastIndex(of: "/") else { return ("/", path) }
        return (String(path[...index]), String(path[path.index(after: index)...]))
    }
}
