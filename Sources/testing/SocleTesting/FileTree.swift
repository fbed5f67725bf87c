private import Glibc
package import LinuxSystem
package import SystemPackage

/// Files as a literal: `["etc": ["passwd": "root:x:0:0::/:/bin/sh\n"], "bin": .link("usr/bin")]`.
package enum FileTree: Hashable, Sendable, ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral {
    case file([UInt8], mode: UInt32 = 0o644)
    case directory([String: FileTree], mode: UInt32 = 0o755)
    case link(String)
    /// Another name of a file written before it; the target is relative to the tree's root. Names are written in order.
    case hardLink(String)
    case fifo
    case characterDevice(major: UInt32, minor: UInt32)

    package init(stringLiteral text: String) { self = .file(Array(text.utf8)) }

    package init(dictionaryLiteral entries: (String, FileTree)...) {
        self = .directory(Dictionary(entries) { _, last in last })
    }

    /// A file with text and a mode.
    package static func text(_ text: String, mode: UInt32) -> FileTree { .file(Array(text.utf8), mode: mode) }

    /// Overlay's mark of a removed name.
    package static var whiteout: FileTree { .characterDevice(major: 0, minor: 0) }

    // MARK: - Writing

    /// Writes a tree into a directory, which is made where it is missing.
    package static func write(_ tree: FileTree, to path: FilePath) throws(SystemError) {
        guard case .directory(let entries, _) = tree else { throw SystemError("write", path.string, .notDirectory) }
        let root = try Directory.open(path, create: true, mode: 0o755)
        try write(entries, to: root, root: root)
    }

    private static func write(
        _ entries: [String: FileTree],
        to directory: borrowing Directory,
        root: borrowing Directory
    ) throws(SystemError) {
        for (text, node) in entries.sorted(by: { $0.key < $1.key }) {
            let name = PathBytes(text)
            switch node {
            case .file(let bytes, let mode):
                let file = try directory.open(name, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
                try DescriptorIO.write(file.raw, bytes.span)
                try FileAttributes.chmod(file.raw, mode)
            case .directory(let below, let mode):
                try write(below, to: try directory.directory(name, create: true, mode: 0o700), root: root)
                try directory.chmod(name, mode)
            case .link(let target): try directory.symlink(to: PathBytes(target), as: name)
            case .hardLink(let target): try root.link(PathBytes(target), as: name, in: directory)
            case .fifo: try directory.makeNode(name, mode: UInt32(S_IFIFO) | 0o644)
            case .characterDevice(let major, let minor):
                try directory.makeNode(
                    name,
                    mode: UInt32(S_IFCHR) | 0o600,
                    device: FileStatus.Device(major: major, minor: minor)
                )
            }
        }
    }

    // MARK: - Reading

    /// Reads a directory; hard links come back as files.
    ///
    /// Owners and times are left out: see `listing`.
    package static func read(_ path: FilePath) throws(SystemError) -> FileTree {
        let directory = try Directory.open(path)
        return try read(directory, mode: try directory.status().permissions)
    }

    private static func read(_ directory: borrowing Directory, mode: UInt32) throws(SystemError) -> FileTree {
        var entries: [String: FileTree] = [:]
        for entry in try directory.entries() {
            guard let status = try directory.status(entry.name) else { continue }
            entries[entry.name.description] = try read(entry.name, status, in: directory)
        }
        return .directory(entries, mode: mode)
    }

    private static func read(
        _ name: PathBytes,
        _ status: FileStatus,
        in directory: borrowing Directory
    ) throws(SystemError) -> FileTree {
        switch status.kind {
        case .directory: return try read(directory.directory(name), mode: status.permissions)
        case .symbolicLink: return .link(PathBytes(try directory.readLink(name)).description)
        case .fifo, .socket: return .fifo
        case .characterDevice, .blockDevice:
            return .characterDevice(major: status.rawDevice.major, minor: status.rawDevice.minor)
        case .file:
            let file = try directory.open(name, flags: O_RDONLY)
            return .file(try DescriptorIO.readAll(file.raw, limit: 1 << 30), mode: status.permissions)
        }
    }
}
