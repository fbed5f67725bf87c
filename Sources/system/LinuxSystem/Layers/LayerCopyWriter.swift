private import SystemPackage

/// Writes a layered tree into an empty directory, with all that the kernel keeps of a file.
struct LayerCopyWriter: ~Copyable {
    private let root: Directory
    private var holder: (path: [UInt8], part: LayeredTree.Part)?
    /// The first names of files that have several.
    private var firstNames: [FileStatus.Identity: PathBytes] = [:]
    private var directories: [LayeredWalk.Step] = []

    init(into root: consuming Directory) { self.root = root }

    /// Writes all of it; the inodes of the new directories.
    mutating func write(_ tree: LayeredTree) throws(SystemError) -> [PathBytes: UInt64] {
        var walk = LayeredWalk(tree)
        while let step = try walk.next() { try write(step) }
        var inodes: [PathBytes: UInt64] = [:]
        // Each new name changes a directory's times: the deepest last come first.
        for step in directories.reversed() {
            let parent = try open(step)
            try FileCopy.imitate(step.status, of: step.name, in: step.holder.directory, as: step.name, in: parent.directory)
            inodes[step.path] = try parent.directory.status(step.name)?.inode
        }
        if let top = tree.root.first {
            try FileCopy.imitate(try top.directory.status(), of: ".", in: top.directory, as: ".", in: root)
            inodes[""] = try root.status().inode
        }
        return inodes
    }

    private mutating func open(_ step: LayeredWalk.Step) throws(SystemError) -> LayeredTree.Part {
        var folder = step.path.splitAtLast?.parent.bytes ?? []
        if folder.last == UInt8(ascii: "/") { folder.removeLast() }
        if let holder, holder.path == folder { return holder.part }
        let part = LayeredTree.Part(folder.isEmpty ? try root.reopened() : try root.directory(PathBytes(folder)))
        holder = (folder, part)
        return part
    }

    private mutating func write(_ step: LayeredWalk.Step) throws(SystemError) {
        let parent = try open(step)
        if step.status.kind == .directory {
            directories.append(step)
            return try parent.directory.makeDirectory(step.name, mode: 0o700)
        }
        if step.status.linkCount > 1 {
            if let first = firstNames[step.status.identity] {
                return try root.link(first, as: step.name, in: parent.directory)
            }
            firstNames[step.status.identity] = step.path
        }
        try FileCopy.copy(step.name, step.status, from: step.holder.directory, to: parent.directory)
    }
}

extension FileCopy {
    /// Copies what has a name and is no directory, with all that belongs to it.
    static func copy(
        _ name: PathBytes,
        _ status: FileStatus,
        from source: borrowing Directory,
        to target: borrowing Directory
    ) throws(SystemError) {
        switch status.kind {
        case .file:
            let original = try source.openForReading(name)
            let copy = try target.create(name, mode: 0o600)
            try FileCopy.copy(from: original.raw, to: copy.raw)
        case .symbolicLink: try target.symlink(to: PathBytes(try source.readLink(name)), as: name)
        default: try target.makeNode(name, mode: status.mode, device: status.rawDevice)
        }
        try imitate(status, of: name, in: source, as: name, in: target)
    }

    /// Gives a copy the owner, attributes, permissions and times of what it is a copy of, in an order in which none undoes
    /// another.
    static func imitate(
        _ status: FileStatus,
        of name: PathBytes,
        in source: borrowing Directory,
        as copy: PathBytes,
        in target: borrowing Directory
    ) throws(SystemError) {
        try target.chown(copy, uid: status.uid, gid: status.gid)
        for attribute in try source.attributeNames(of: name) where !LayeredTree.isBookkeeping(attribute) {
            guard let value = try source.attribute(attribute, of: name) else { continue }
            do throws(SystemError) { try target.setAttribute(attribute, of: copy, to: value) } catch {
                // Labels of the machine's own are not ours to set.
                if error.errno != .notSupported && error.errno != .notPermitted { throw error }
            }
        }
        if status.kind != .symbolicLink { try target.chmod(copy, status.permissions) }
        try target.setTimes(copy, accessed: status.modified, modified: status.modified)
    }
}
