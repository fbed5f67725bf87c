private import Glibc
package import SystemPackage

/// Several directories seen as one file system, as overlayfs would show them, without mounting anything.
///
/// Whiteouts (a character device 0:0) hide what is below, opaque directories hide what they would be merged with. Links are
/// resolved inside: an absolute one starts at the tree's root, `..` stops there. Nothing outside is ever opened, since every
/// step is a single name below an open directory that isn't followed.
package final class LayeredTree: Sendable {
    /// What a path leads to.
    package struct Resolved: Sendable, Hashable {
        /// The path without links, `.` and `..`; it begins with `/`.
        package var path: PathBytes
        /// What stands there; nil where nothing does.
        package var status: FileStatus?

        package init(path: PathBytes, status: FileStatus?) {
            self.path = path
            self.status = status
        }
    }

    /// One layer's directory, shared by the merged directories that it is a part of.
    package final class Part: Sendable {
        package let directory: Directory
        init(_ directory: consuming Directory) { self.directory = directory }
    }

    /// What a name of a merged directory stands for.
    private enum Found {
        case nothing
        case directory(FileStatus, [Part])
        case other(FileStatus, Part)
    }

    let root: [Part]

    /// Opens the directories, the topmost first.
    package init(lowers: [FilePath]) throws(SystemError) {
        var parts: [Part] = []
        for path in lowers { parts.append(Part(try Directory.open(path))) }
        root = parts
    }

    // MARK: - Questions

    /// What stands at a path, all links followed; nil where nothing does.
    package func status(_ path: PathBytes) throws(SystemError) -> FileStatus? { try resolve(path).status }

    /// Whether a path leads to a directory.
    package func isDirectory(_ path: PathBytes) throws(SystemError) -> Bool { try status(path)?.kind == .directory }

    /// Follows a path as a process in the tree would, the last step too unless told not to.
    ///
    /// Steps behind one that is missing are taken as they stand, so that one can see where a file would be made. `ENOTDIR`
    /// where a step leads through a file, `ELOOP` beyond 40 links.
    package func resolve(_ path: PathBytes, followLast: Bool = true) throws(SystemError) -> Resolved {
        let place = try walk(path, followLast: followLast)
        var steps = place.names.isEmpty ? [UInt8(ascii: "/")] : []
        for name in place.names { steps += [UInt8(ascii: "/")] + name.bytes }
        let status: FileStatus? =
            switch place.found {
            case .nothing: nil
            case .directory(let status, _), .other(let status, _): status
            }
        return Resolved(path: PathBytes(steps), status: status)
    }

    /// A regular file's bytes; nil where there is no file.
    ///
    /// Links are followed.
    ///
    /// What is larger than `limit` is refused (`EFBIG`), as is what isn't a regular file (`EINVAL`).
    package func readFile(_ path: PathBytes, limit: Int) throws(SystemError) -> [UInt8]? {
        guard let file = try open(path) else { return nil }
        return try DescriptorIO.readAll(file.raw, limit: limit)
    }

    /// Opens a regular file for reading; nil where nothing stands there.
    ///
    /// Links are followed.
    package func open(_ path: PathBytes) throws(SystemError) -> OwnedDescriptor? {
        let place = try walk(path, followLast: true)
        switch place.found {
        case .nothing: return nil
        case .directory: throw SystemError("open", path.description, .isDirectory)
        case .other(let status, let part):
            guard status.kind == .file, let name = place.names.last else {
                throw SystemError("open", path.description, .invalidArgument)
            }
            return try part.directory.open(name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
        }
    }

    /// Where a symbolic link points to; its own last step isn't followed.
    package func readLink(_ path: PathBytes) throws(SystemError) -> [UInt8] {
        let place = try walk(path, followLast: false)
        guard case .other(_, let part) = place.found, let name = place.names.last else {
            throw SystemError("readlink", path.description, .invalidArgument)
        }
        return try part.directory.readLink(name)
    }

    /// The attributes of what stands at a path, its last step not followed.
    package func attributes(_ path: PathBytes) throws(SystemError) -> [PathBytes: [UInt8]] {
        let place = try walk(path, followLast: false)
        var found: [PathBytes: [UInt8]] = [:]
        switch place.found {
        case .nothing: break
        case .directory(_, let parts):
            guard let part = parts.first else { break }
            for name in try ExtendedAttributes.names(of: part.directory.descriptor.raw) {
                found[name] = try ExtendedAttributes.value(name, of: part.directory.descriptor.raw)
            }
        case .other(_, let part):
            guard let last = place.names.last else { break }
            for name in try part.directory.attributeNames(of: last) {
                found[name] = try part.directory.attribute(name, of: last)
            }
        }
        return found.filter { !Self.isBookkeeping($0.key) }
    }

    /// The names in a directory, in order, links to it followed; `ENOTDIR` where it isn't one.
    package func names(_ path: PathBytes) throws(SystemError) -> [PathBytes] {
        var names: [PathBytes] = []
        try merge(path) { (entry, _) throws(SystemError) in names.append(entry.name) }
        return names.sorted()
    }

    /// Calls `body` with everything in a directory, in no order, links to it followed; `ENOTDIR` where it isn't one.
    ///
    /// What `body` is given opens a regular file without a walk from the top.
    package func forEachEntry(
        in path: PathBytes,
        _ body: (PathBytes, FileStatus, () throws(SystemError) -> OwnedDescriptor) throws(SystemError) -> Void
    ) throws(SystemError) {
        try merge(path) { (entry, part) throws(SystemError) in
            guard let status = try part.directory.status(entry.name) else { return }
            try body(entry.name, status) { () throws(SystemError) in
                try part.directory.open(entry.name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
            }
        }
    }

    /// What a directory's layers show together: each name once, from the topmost layer that has it.
    private func merge(
        _ path: PathBytes,
        _ body: (DirectoryEntry, Part) throws(SystemError) -> Void
    ) throws(SystemError) {
        guard case .directory(_, let parts) = try walk(path, followLast: true).found else {
            throw SystemError("readdir", path.description, .notDirectory)
        }
        var seen: Set<PathBytes> = []
        for (index, part) in parts.enumerated() {
            for entry in try part.directory.entries() where index == 0 || !seen.contains(entry.name) {
                if parts.count > 1 { seen.insert(entry.name) }
                let mayBeMark = entry.kind == nil || entry.kind == .characterDevice
                if mayBeMark, let status = try part.directory.status(entry.name), Self.isWhiteout(status) { continue }
                try body(entry, part)
            }
        }
    }

    // MARK: - Walking

    private struct Place {
        var names: [PathBytes]
        var found: Found
    }

    private func walk(_ path: PathBytes, followLast: Bool) throws(SystemError) -> Place {
        var trail = Trail(top: try FileStatus(of: topDescriptor()), parts: root)
        var steps = Array(path.components.reversed())
        var links = 0
        while let step = steps.popLast() {
            if step == ".." {
                trail.leave()
                continue
            }
            let found = try trail.look(up: step, in: self, path: path)
            if case .other(let status, let part) = found, status.kind == .symbolicLink, followLast || !steps.isEmpty {
                links += 1
                if links > 40 { throw SystemError("resolve", path.description, .tooManySymbolicLinkLevels) }
                let target = PathBytes(try part.directory.readLink(step))
                if target.bytes.first == UInt8(ascii: "/") { trail.leaveAll() }
                steps.append(contentsOf: target.components.reversed())
            } else {
                trail.enter(step, found)
            }
        }
        return Place(names: trail.names, found: trail.current)
    }

    private func topDescriptor() throws(SystemError) -> CInt {
        guard let top = root.first else { throw SystemError("resolve", "/", .noSuchFileOrDirectory) }
        return top.directory.descriptor.raw
    }

    /// The way from the root to where a walk is.
    private struct Trail {
        private(set) var names: [PathBytes] = []
        private var places: [Found]

        init(top: FileStatus, parts: [Part]) { places = [.directory(top, parts)] }

        var current: Found { places[places.count - 1] }

        mutating func enter(_ name: PathBytes, _ found: Found) {
            names.append(name)
            places.append(found)
        }

        mutating func leave() {
            if names.popLast() != nil { places.removeLast() }
        }

        mutating func leaveAll() {
            names = []
            places.removeLast(places.count - 1)
        }

        func look(up name: PathBytes, in tree: LayeredTree, path: PathBytes) throws(SystemError) -> Found {
            switch current {
            case .nothing: return .nothing
            case .other: throw SystemError("resolve", path.description, .notDirectory)
            case .directory(_, let parts): return try LayeredTree.look(up: name, in: parts)
            }
        }
    }

    private static func look(up name: PathBytes, in parts: [Part]) throws(SystemError) -> Found {
        var merged: [Part] = []
        var top: FileStatus?
        for part in parts {
            guard let status = try part.directory.status(name) else { continue }
            if status.kind != .directory {
                // A whiteout or a file ends what is merged; alone at the top, a file is what the name stands for.
                if top == nil, !isWhiteout(status) { return .other(status, part) }
                break
            }
            let below = Part(try part.directory.directory(name))
            if top == nil { top = status }
            merged.append(below)
            if try isOpaque(below.directory) { break }
        }
        return top.map { .directory($0, merged) } ?? .nothing
    }

    static func isWhiteout(_ status: FileStatus) -> Bool {
        status.kind == .characterDevice && status.rawDevice == FileStatus.Device(major: 0, minor: 0)
    }

    /// Overlay's marks on directories that hide what is below them.
    static let opaqueAttributes: [PathBytes] = [
        "trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque",
    ]

    /// The mark that overlays of this process know.
    static var ownOpaqueAttribute: PathBytes { opaqueAttributes[OwnUserNamespace.isInitial ? 0 : 1] }

    /// Whether an attribute is one of those by which overlays keep their books.
    package static func isBookkeeping(_ attribute: PathBytes) -> Bool {
        ["trusted.overlay.", "user.overlay.", "user.fuseoverlayfs."].contains { attribute.bytes.starts(with: $0.utf8) }
    }

    static func isOpaque(_ directory: borrowing Directory) throws(SystemError) -> Bool {
        for attribute in opaqueAttributes
        where try ExtendedAttributes.value(attribute, of: directory.descriptor.raw) == [UInt8(ascii: "y")] {
            return true
        }
        return false
    }
}
