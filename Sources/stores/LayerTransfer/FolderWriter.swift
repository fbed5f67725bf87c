package import LinuxSystem
import SystemPackage
import TarFormat

/// Writes layered trees into a directory of the host's, as overlayfs would show them.
///
/// Everything is done below the directory's descriptor, a name at a time: a link that stands where the tree has a directory
/// is replaced and never followed, so nothing outside is touched. What is there under other names stays; files and links
/// appear whole or not at all. Files belong to whoever calls; permissions, times and attributes are the tree's.
package struct FolderWriter: ~Copyable {
    private let root: Directory
    private let clamp: Int64?
    private let removesOthers: Bool
    private var current: OpenDirectory?
    private var currentPath: [UInt8] = []
    /// The first names of files that have several.
    private var firstNames: [FileStatus.Identity: PathBytes] = [:]
    private var finishes: [(path: PathBytes, status: FileStatus)] = []
    /// What each directory of the tree has; only kept where the rest is removed.
    private var kept: [[UInt8]: Set<PathBytes>] = [:]

    /// A writer into `root`; times later than `clamp` (seconds since 1970) become it. With `removesOthers`, names that
    /// the tree doesn't have are removed at the end.
    package init(into root: consuming Directory, clamp: Int64? = nil, removesOthers: Bool = false) {
        self.root = root
        self.clamp = clamp
        self.removesOthers = removesOthers
    }

    /// Writes all of a tree.
    package consuming func write(_ tree: LayeredTree) throws(LayerError) {
        var walk = LayeredWalk(tree)
        kept[[]] = []
        while let step = try LayerDiff.system([], { () throws(SystemError) in try walk.next() }) {
            try LayerDiff.system(step.path.bytes) { () throws(SystemError) in try write(step) }
        }
        try LayerDiff.system([]) { () throws(SystemError) in
            if removesOthers { try removeOthers() }
            try finishDirectories()
        }
    }

    private mutating func write(_ step: LayeredWalk.Step) throws(SystemError) {
        let folder = step.path.splitAtLast.map { Self.trimmed($0.parent) } ?? []
        let name = step.name
        if removesOthers { kept[folder, default: []].insert(name) }
        let parent = try open(folder)
        let status = step.status
        if status.kind == .directory {
            finishes.append((step.path, status))
            if removesOthers { kept[step.path.bytes] = [] }
            return try makeDirectory(name, in: parent.directory)
        }
        if status.kind == .socket { return }
        if status.linkCount > 1 {
            if let first = firstNames[status.identity] {
                try parent.directory.removeTree(name)
                return try root.link(first, as: name, in: parent.directory)
            }
            firstNames[status.identity] = step.path
        }
        if status.kind == .file { return try copy(step, into: parent.directory) }
        try parent.directory.removeTree(name)
        if status.kind == .symbolicLink {
            let target = PathBytes(try step.holder.directory.readLink(name))
            try parent.directory.symlink(to: target, as: name)
        } else {
            let type = status.mode & 0o170000
            try parent.directory.makeNode(name, mode: type | 0o600, device: status.rawDevice)
            try parent.directory.chmod(name, status.permissions)
        }
        let time = time(status)
        try parent.directory.setTimes(name, accessed: time, modified: time)
    }

    /// The folder that names are written into; it is a directory of the tree, made before what is in it.
    private mutating func open(_ path: [UInt8]) throws(SystemError) -> OpenDirectory {
        if let current, currentPath == path { return current }
        let opened = OpenDirectory(path.isEmpty ? try root.reopened() : try root.directory(PathBytes(path)))
        current = opened
        currentPath = path
        return opened
    }

    /// An existing directory stays, anything else is replaced. Until all is in it, its owner can go in.
    private func makeDirectory(_ name: PathBytes, in parent: borrowing Directory) throws(SystemError) {
        if let there = try parent.status(name) {
            if there.kind == .directory {
                return there.permissions & 0o700 == 0o700 ? () : try parent.chmod(name, there.permissions | 0o700)
            }
            try parent.removeTree(name)
        }
        try parent.makeDirectory(name, mode: 0o700)
    }

    private func copy(_ step: LayeredWalk.Step, into parent: borrowing Directory) throws(SystemError) {
        let source = try step.holder.directory.openForReading(step.name)
        let file = try parent.temporaryFile()
        let raw = file.descriptor.raw
        try FileCopy.copy(from: source.raw, to: raw)
        for attribute in try ExtendedAttributes.names(of: source.raw) where OverlayAttribute.mayCome(attribute.bytes) {
            guard let value = try ExtendedAttributes.value(attribute, of: source.raw) else { continue }
            do throws(SystemError) { try ExtendedAttributes.set(attribute, to: value, of: raw) } catch
                where error.errno == .notSupported || error.errno == .notPermitted
            {}  // as the layer's own unpacking does: not every file system has attributes
        }
        // Writing clears set-id bits: this order keeps them.
        try FileAttributes.chmod(raw, step.status.permissions)
        let time = time(step.status)
        try FileAttributes.setTimes(raw, accessed: time, modified: time)
        if try parent.status(step.name)?.kind == .directory { try parent.removeTree(step.name) }
        try file.link(as: step.name, replace: true)
    }

    // MARK: - The end

    private borrowing func removeOthers() throws(SystemError) {
        for (path, names) in kept.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let directory = path.isEmpty ? try root.reopened() : try root.directory(PathBytes(path))
            for entry in try directory.entries() where !names.contains(entry.name) {
                try directory.removeTree(entry.name)
            }
        }
    }

    /// Permissions and times of directories, which each new name would change: the deepest first.
    private borrowing func finishDirectories() throws(SystemError) {
        for (path, status) in finishes.reversed() {
            let time = time(status)
            try root.chmod(path, status.permissions)
            try root.setTimes(path, accessed: time, modified: time)
        }
    }

    private borrowing func time(_ status: FileStatus) -> FileTime {
        if let clamp, status.modified.seconds >= clamp { return FileTime(seconds: clamp) }
        return status.modified
    }

    private static func trimmed(_ path: PathBytes) -> [UInt8] {
        path.bytes.last == UInt8(ascii: "/") ? Array(path.bytes.dropLast()) : path.bytes
    }
}
