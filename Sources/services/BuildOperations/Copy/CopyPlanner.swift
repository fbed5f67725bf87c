import BuildDefinition
import CompressionCodecs
import LinuxSystem
import Reporting
import TarFormat

/// Turns COPY and ADD into the members of a layer.
struct CopyPlanner {
    var destination: Destination
    /// Nil: files belong to whom their tree says.
    var owner: Ownership?
    /// Seconds since 1970 that no file in the layer is younger than.
    var epoch: Int64?
    private(set) var plan = CopyPlan()
    /// The first member for each file that has several names.
    private var linked: [FileStatus.Identity: TarPath] = [:]

    init(destination: Destination, owner: Ownership?, epoch: Int64?) {
        self.destination = destination
        self.owner = owner
        self.epoch = epoch
    }

    mutating func add(_ action: CopyAction, inputs: [(any SourceTree)?]) throws {
        let target = try destination.resolve(PathBytes(action.destination))
        let endsAsDirectory = action.destination.hasSuffix("/") || action.destination.hasSuffix("/.")
        var copy = Copy(action: action, target: target, isDirectory: endsAsDirectory)
        copy.isDirectory = try copy.isDirectory || destination.isDirectory(target)
        for source in action.sources {
            switch source {
            case .inline(let name, let bytes): try add(inline: bytes, named: name, copy)
            case .paths(let input, let texts):
                // The empty file system has nothing that could be copied.
                guard let tree = inputs[input] else {
                    throw PlainFailure(.notFound, "\"\(texts.first ?? "")\" not found in scratch")
                }
                let selected = try texts.flatMap { try SourceSelection(tree: tree).paths(for: $0) }
                copy.isDirectory = copy.isDirectory || selected.count > 1 || action.sources.count > 1
                for path in selected { try add(path, of: tree, copy) }
            }
        }
    }

    /// Where one action's sources go.
    private struct Copy {
        var action: CopyAction
        var target: PathBytes
        var isDirectory: Bool

        func place(for name: PathBytes) -> PathBytes { isDirectory ? target.appending(name) : target }
    }

    private mutating func add(_ path: PathBytes, of tree: any SourceTree, _ copy: Copy) throws {
        guard let real = try tree.resolve(path), let status = try tree.status(real) else {
            throw PlainFailure(.notFound, "\"\(path)\" not found in \(tree.name)")
        }
        if status.kind == .directory {
            try add(contentsOf: real, of: tree, copy)
        } else if try isUnpacked(real, status, of: tree, copy.action) {
            try addDirectory(copy.target)
            var entry = TarEntry(TarPath(bytes: copy.target.bytes), kind: .directory, mode: 0o755)
            entry.size = status.size
            plan.add(entry, .archive(tree, real, status))
        } else {
            let place = copy.place(for: path.lastName)
            if try destination.status(place)?.kind == .directory {
                throw PlainFailure(.conflict, "cannot replace to directory /\(place) with file")
            }
            try destination.addParents(of: place, to: &plan)
            try add(file: real, status, of: tree, at: place, copy.action)
        }
    }

    private mutating func addDirectory(_ path: PathBytes) throws {
        try destination.addParents(of: path, to: &plan)
        try destination.addDirectory(path, to: &plan)
    }

    private mutating func add(inline bytes: [UInt8], named name: String, _ copy: Copy) throws {
        let place = copy.place(for: PathBytes(name))
        try destination.addParents(of: place, to: &plan)
        let mode = copy.action.mode?.applied(to: 0o644, isDirectory: false) ?? 0o644
        var entry = TarEntry(TarPath(bytes: place.bytes), kind: .file, mode: mode, size: Int64(bytes.count))
        entry.modified = destination.made
        let owner = owner ?? .root
        (entry.uid, entry.gid) = (owner.uid, owner.gid)
        plan.add(entry, .inline(bytes))
    }

    /// A directory's contents, not the directory itself: an existing one at the target keeps its attributes.
    private mutating func add(contentsOf top: PathBytes, of tree: any SourceTree, _ copy: Copy) throws {
        if try !copy.target.bytes.isEmpty && destination.status(copy.target).map({ $0.kind != .directory }) ?? false {
            throw PlainFailure(.conflict, "cannot copy to non-directory: /\(copy.target)")
        }
        try addDirectory(copy.target)
        var pending = try tree.names(in: top).reversed().map { (top.appending($0), copy.target.appending($0)) }
        while let (path, place) = pending.popLast() {
            guard let status = try tree.status(path) else { continue }
            try add(file: path, status, of: tree, at: place, copy.action)
            if status.kind == .directory {
                pending += try tree.names(in: path).reversed().map { (path.appending($0), place.appending($0)) }
            }
        }
    }

    private mutating func add(
        file path: PathBytes,
        _ status: FileStatus,
        of tree: any SourceTree,
        at place: PathBytes,
        _ action: CopyAction
    ) throws {
        var entry = TarEntry(TarPath(bytes: place.bytes), kind: .file, mode: status.permissions)
        let owner = owner ?? (tree.belongsToRoot ? .root : Ownership(uid: status.uid, gid: status.gid))
        (entry.uid, entry.gid) = (owner.uid, owner.gid)
        entry.modified = clamp(TarTime(status.modified))
        if status.kind != .symbolicLink {
            entry.mode = action.mode?.applied(to: entry.mode, isDirectory: status.kind == .directory) ?? entry.mode
            entry.xattrs = try tree.attributes(path).map { TarEntry.XAttr(name: $0.name.bytes, value: $0.value) }
        }
        switch status.kind {
        case .file:
            if status.linkCount > 1 {
                if let first = linked[status.identity] {
                    entry.kind = .hardLink(first)
                    plan.add(entry)
                    return
                }
                linked[status.identity] = entry.path
            }
            entry.size = status.size
            plan.add(entry, .file(tree, path, status))
            return
        case .directory: entry.kind = .directory
        case .symbolicLink: entry.kind = .symbolicLink(TarPath(bytes: try tree.readLink(path).bytes))
        case .fifo: entry.kind = .fifo
        case .characterDevice:
            entry.kind = .characterDevice(major: status.rawDevice.major, minor: status.rawDevice.minor)
        case .blockDevice: entry.kind = .blockDevice(major: status.rawDevice.major, minor: status.rawDevice.minor)
        case .socket: return
        }
        plan.add(entry)
    }

    private func clamp(_ time: TarTime) -> TarTime {
        guard let epoch, time.seconds >= epoch else { return time }
        return TarTime(seconds: epoch)
    }

    /// Whether ADD unpacks the file: a first member can be read from it, whatever its name is.
    private func isUnpacked(
        _ path: PathBytes,
        _ status: FileStatus,
        of tree: any SourceTree,
        _ action: CopyAction
    ) throws -> Bool {
        guard action.unpack != .never, status.kind == .file, status.size > 0 else { return false }
        let archive = try ArchiveSource(path, of: tree)
        // What can't be read as an archive is a file like any other.
        return (try? TarReader(archive.members).next()) != nil
    }
}
