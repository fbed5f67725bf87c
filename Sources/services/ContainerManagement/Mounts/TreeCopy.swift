import LinuxSystem
import SystemPackage

/// Copies what a directory of an image holds into a directory of the host: owners, modes, times and attributes too. Links
/// are copied as links; what the image's links lead to outside the directory stays where it is.
struct TreeCopy {
    /// Deeper trees are refused: each level holds a descriptor.
    private static let deepest = 128

    let image: LayeredTree

    /// Copies the contents of the directory at `path`, whose links are followed, and its own attributes.
    func copy(_ path: PathBytes, to target: borrowing Directory) throws(SystemError) {
        let place = try image.resolve(path)
        guard let status = place.status, status.kind == .directory else {
            throw SystemError("copy", path.description, .notDirectory)
        }
        try copyContents(of: place.path, to: target, depth: 0)
        try copyAttributes(status, of: place.path, to: ".", in: target)
    }

    private func copyContents(
        of path: PathBytes,
        to target: borrowing Directory,
        depth: Int
    ) throws(SystemError) {
        guard depth < Self.deepest else { throw SystemError("copy", path.description, .fileNameTooLong) }
        for name in try image.names(path) {
            let inner = PathBytes(path.bytes + [UInt8(ascii: "/")] + name.bytes)
            guard let status = try image.resolve(inner, followLast: false).status else { continue }
            switch status.kind {
            case .directory:
                try target.makeDirectory(name, mode: 0o700)
                try copyContents(of: inner, to: try target.directory(name), depth: depth + 1)
            case .file: try copyFile(inner, to: name, in: target)
            case .symbolicLink: try target.symlink(to: PathBytes(try image.readLink(inner)), as: name)
            // A socket means nothing without its owner.
            case .socket: continue
            case .characterDevice, .blockDevice, .fifo:
                try target.makeNode(name, mode: status.mode, device: status.rawDevice)
            }
            try copyAttributes(status, of: inner, to: name, in: target)
        }
    }

    private func copyFile(
        _ path: PathBytes,
        to name: PathBytes,
        in target: borrowing Directory
    ) throws(SystemError) {
        guard let original = try image.open(path) else { return }
        let copy = try target.temporaryFile()
        try FileCopy.copy(from: original.raw, to: copy.descriptor.raw)
        try copy.link(as: name, replace: false)
    }

    private func copyAttributes(
        _ status: FileStatus,
        of path: PathBytes,
        to name: PathBytes,
        in target: borrowing Directory
    ) throws(SystemError) {
        try target.chown(name, uid: status.uid, gid: status.gid)
        if status.kind != .symbolicLink { try target.chmod(name, status.permissions) }
        if status.kind == .file || status.kind == .directory {
            for (attribute, value) in try image.attributes(path) {
                try target.setAttribute(attribute, of: name, to: value)
            }
        }
        try target.setTimes(name, accessed: status.accessed, modified: status.modified)
    }
}
