import LinuxSystem

/// Copies what a directory holds into another one: owners, modes, times and attributes too. Links are copied as links, and
/// nothing outside either directory is touched.
enum TreeCopy {
    /// Deeper trees are refused: each level holds two descriptors.
    private static let deepest = 128

    static func copyContents(
        of source: borrowing Directory, to target: borrowing Directory, depth: Int = 0
    ) throws(SystemError) {
        for entry in try source.entries() {
            guard let status = try source.status(entry.name) else { continue }
            switch status.kind {
            case .directory:
                guard depth < deepest else { throw SystemError("copy", entry.name.description, .fileNameTooLong) }
                try target.makeDirectory(entry.name, mode: 0o700)
                try copyContents(
                    of: try source.directory(entry.name), to: try target.directory(entry.name), depth: depth + 1)
            case .file: try copyFile(entry.name, from: source, to: target)
            case .symbolicLink: try target.symlink(to: PathBytes(try source.readLink(entry.name)), as: entry.name)
            // A socket means nothing without its owner.
            case .socket: continue
            case .characterDevice, .blockDevice, .fifo:
                try target.makeNode(entry.name, mode: status.mode, device: status.rawDevice)
            }
            try copyAttributes(status, of: entry.name, from: source, to: target)
        }
    }

    private static func copyFile(
        _ name: PathBytes, from source: borrowing Directory, to target: borrowing Directory
    ) throws(SystemError) {
        let original = try source.openForReading(name)
        let copy = try target.temporaryFile()
        try FileCopy.copy(from: original.raw, to: copy.descriptor.raw)
        try copy.link(as: name, replace: false)
    }

    /// Makes `target`'s own attributes those of a directory.
    static func copyAttributes(of source: borrowing Directory, to target: borrowing Directory) throws(SystemError) {
        let status = try source.status()
        try FileAttributes.chown(target.descriptor.raw, uid: status.uid, gid: status.gid)
        try FileAttributes.chmod(target.descriptor.raw, status.permissions)
        try FileAttributes.setTimes(target.descriptor.raw, accessed: status.accessed, modified: status.modified)
    }

    private static func copyAttributes(
        _ status: FileStatus, of name: PathBytes, from source: borrowing Directory, to target: borrowing Directory
    ) throws(SystemError) {
        try target.chown(name, uid: status.uid, gid: status.gid)
        if status.kind != .symbolicLink { try target.chmod(name, status.permissions) }
        if status.kind == .file || status.kind == .directory {
            for attribute in try source.attributes(name) where !attribute.name.starts(with: Array("trusted.".utf8)) {
                try target.setAttribute(name, attribute.name, attribute.value)
            }
        }
        try target.setTimes(name, accessed: status.accessed, modified: status.modified)
    }
}
