import LinuxSystem
import Reporting
import SystemPackage

/// Copies a part of a tree into a directory of the host's, with everything that a layer could say about it.
struct TreeWriter {
    let tree: any SourceTree
    /// Each level holds a descriptor.
    private static let deepest = 128

    init(_ tree: any SourceTree) { self.tree = tree }

    /// Copies the contents and the attributes of the directory at a path.
    func copyDirectory(_ path: PathBytes, _ status: FileStatus, to target: borrowing Directory) throws {
        try copyContents(of: path, to: target, depth: 0)
        try copyAttributes(status, of: path, to: ".", in: target)
    }

    /// Copies one file, whatever its kind, under a name that nobody uses.
    func copyFile(_ path: PathBytes, _ status: FileStatus, as name: PathBytes, in target: borrowing Directory) throws {
        switch status.kind {
        case .file:
            let original = try tree.open(path)
            let copy = try target.temporaryFile()
            try FileCopy.copy(from: original.raw, to: copy.descriptor.raw)
            try copy.link(as: name, replace: false)
        case .symbolicLink: try target.symlink(to: try tree.readLink(path), as: name)
        case .characterDevice, .blockDevice, .fifo:
            try target.makeNode(name, mode: status.mode, device: status.rawDevice)
        // A socket means nothing without its owner, and a directory is none of a directory's files.
        case .socket, .directory: return
        }
        try copyAttributes(status, of: path, to: name, in: target)
    }

    private func copyContents(of path: PathBytes, to target: borrowing Directory, depth: Int) throws {
        guard depth < Self.deepest else {
            throw PlainFailure(.unsupported, "\"/\(path)\" in \(tree.name) is too deep to be copied")
        }
        for name in try tree.names(in: path) {
            let inner = path.appending(name)
            guard let status = try tree.status(inner) else { continue }
            guard status.kind == .directory else {
                try copyFile(inner, status, as: name, in: target)
                continue
            }
            try target.makeDirectory(name, mode: 0o700)
            let below = try target.directory(name)
            try copyContents(of: inner, to: below, depth: depth + 1)
            try copyAttributes(status, of: inner, to: ".", in: below)
        }
    }

    private func copyAttributes(
        _ status: FileStatus,
        of path: PathBytes,
        to name: PathBytes,
        in target: borrowing Directory
    ) throws {
        let isRoots = tree.belongsToRoot
        try target.chown(name, uid: isRoots ? 0 : status.uid, gid: isRoots ? 0 : status.gid)
        if status.kind != .symbolicLink { try target.chmod(name, status.permissions) }
        if status.kind == .file || status.kind == .directory {
            for attribute in try tree.attributes(path) {
                try target.setAttribute(attribute.name, of: name, to: attribute.value)
            }
        }
        try target.setTimes(name, accessed: status.modified, modified: status.modified)
    }
}
