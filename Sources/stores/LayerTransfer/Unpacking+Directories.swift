import LinuxSystem
import SystemPackage
import TarFormat

extension Unpacking {
    /// The directory an entry goes to; what is missing on the way is made.
    mutating func openParent(of name: LayerName, for entry: TarEntry) throws(SystemError) -> OpenDirectory {
        // The path is taken out while it changes: making a directory needs the rest of this value.
        let root = path.root
        var path = OpenPath(root: root)
        swap(&path, &self.path)
        defer { swap(&path, &self.path) }
        return try path.parent(of: name) { (above, count) throws(SystemError) in
            do throws(SystemError) { return try Self.openChild(of: above, name, count, root: root) } catch {
                return try imply(name, count, in: above.directory, for: entry, after: error)
            }
        }
    }

    /// Opens what the first `count` parts of a name lead to; `above` is what the parts before lead to. A symbolic link is
    /// followed by the kernel, with the layer's directory as root.
    static func openChild(
        of above: OpenDirectory,
        _ name: LayerName,
        _ count: Int,
        root: OpenDirectory
    ) throws(SystemError) -> OpenDirectory {
        let part = name.part(count - 1)
        do throws(SystemError) { return OpenDirectory(try above.directory.directory(part)) } catch {
            guard error.errno == .notDirectory || error.errno == .tooManySymbolicLinkLevels,
                try above.directory.status(part)?.kind == .symbolicLink
            else { throw error }
            let flags = FileDescriptor.OpenOptions.directory.rawValue
            let target = try root.directory.openInRoot(PathBytes(name.prefix(count)), flags: flags)
            return OpenDirectory(Directory(adopting: target))
        }
    }

    /// Makes a directory that the archive uses but doesn't have (yet).
    private mutating func imply(
        _ name: LayerName,
        _ count: Int,
        in above: borrowing Directory,
        for entry: TarEntry,
        after error: SystemError
    ) throws(SystemError) -> OpenDirectory {
        let part = name.part(count - 1)
        // What is there and can't be entered (a file, a link that leads nowhere) isn't replaced, as with Docker.
        let existing = try above.status(part)
        let isHidden = hasMarks && existing?.isWhiteout == true
        if existing != nil, !isHidden { throw error }
        let made = try makeOrKeepDirectory(part, in: above)
        let raw = made.directory.descriptor.raw
        let path = name.prefix(count)
        var times = EntryTimes(entry)
        var mode: UInt32 = 0o755
        if !isHidden, let lower = try lowerStatus?(PathBytes(path)), lower.kind == .directory {
            times = EntryTimes(accessed: lower.modified, modified: lower.modified)
            mode = lower.permissions
            try FileAttributes.chown(raw, uid: lower.uid, gid: lower.gid)
        }
        try FileAttributes.chmod(raw, mode | 0o700)
        try finishes.add(path, raw, mode: mode, times: times)
        return made
    }

    /// The directory of that name, made where it isn't there; anything else that has the name is replaced.
    mutating func makeOrKeepDirectory(
        _ name: PathBytes,
        in parent: borrowing Directory
    ) throws(SystemError) -> OpenDirectory {
        do throws(SystemError) { try parent.makeDirectory(name, mode: 0o700) } catch {
            guard error.errno == .fileExists else { throw error }
            if try parent.status(name)?.kind != .directory {
                // A directory where the same archive has a whiteout: the layers below stay hidden.
                let isHidden = try isWhiteout(name, in: parent)
                try clear(name, in: parent)
                try parent.makeDirectory(name, mode: 0o700)
                if isHidden { try parent.setAttribute(opaqueAttribute, of: name, to: Self.opaqueValue) }
            }
        }
        return OpenDirectory(try parent.directory(name))
    }

    /// Makes something new under a name, in place of what has it.
    mutating func replacing(
        _ name: PathBytes,
        in parent: borrowing Directory,
        _ make: (borrowing Directory) throws(SystemError) -> Void
    ) throws(SystemError) {
        do throws(SystemError) { try make(parent) } catch {
            guard error.errno == .fileExists else { throw error }
            try clear(name, in: parent)
            try make(parent)
        }
    }

    /// Removes what has a name, with all that is below it.
    mutating func clear(_ name: PathBytes, in parent: borrowing Directory) throws(SystemError) {
        try parent.removeTree(name)
        linkPath = OpenPath(root: linkPath.root)
    }

    /// Whether a name is overlay's mark of a removed one.
    private func isWhiteout(_ name: PathBytes, in parent: borrowing Directory) throws(SystemError) -> Bool {
        if !hasMarks { return false }
        return try parent.status(name)?.isWhiteout ?? false
    }
}

extension FileStatus {
    /// Whether it is overlay's mark of a removed name.
    var isWhiteout: Bool { kind == .characterDevice && rawDevice == Device(major: 0, minor: 0) }
}
