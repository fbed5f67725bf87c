import BuildDefinition
import LinuxSystem
import Reporting
import TarFormat

extension CopyPlanner {
    /// Adds one thing of a source tree; its directory is there.
    mutating func add(_ step: SourceWalk.Step, of tree: any SourceTree, _ action: CopyAction) throws {
        let status = step.status
        var entry = TarEntry(TarPath(bytes: step.place.bytes), kind: .file, mode: status.permissions)
        let owner = owner ?? (tree.belongsToRoot ? .root : Ownership(uid: status.uid, gid: status.gid))
        (entry.uid, entry.gid) = (owner.uid, owner.gid)
        entry.modified = destination.time(status.modified.seconds)
        if status.kind == .directory {
            try requireDirectory(step.place, mayReplace: step.mayReplace)
        } else {
            try requireReplaceable(step.place, mayReplace: step.mayReplace)
        }
        if status.kind == .symbolicLink {
            // The kernel has one mode for all links, and nobody looks at it.
            entry.mode = 0o777
        } else if let mode = action.mode {
            entry.mode = mode.applied(to: entry.mode, isDirectory: status.kind == .directory)
        }
        switch status.kind {
        case .file: return add(file: step, entry, of: tree)
        case .directory:
            entry.kind = .directory
            entry.xattrs = try tree.attributes(step.path).map(\.entry)
        case .symbolicLink: entry.kind = .symbolicLink(TarPath(bytes: try tree.readLink(step.path).bytes))
        case .fifo: entry.kind = .fifo
        case .characterDevice:
            entry.kind = .characterDevice(major: status.rawDevice.major, minor: status.rawDevice.minor)
        case .blockDevice: entry.kind = .blockDevice(major: status.rawDevice.major, minor: status.rawDevice.minor)
        // A socket means something only while its program runs; archives have no such thing.
        case .socket: return
        }
        plan.add(entry)
    }

    private mutating func add(file step: SourceWalk.Step, _ entry: TarEntry, of tree: any SourceTree) {
        var entry = entry
        if step.status.linkCount > 1 {
            let identity = step.status.identity
            if let first = linked[identity], first != entry.path, plan.holds(identity, at: first) {
                entry.kind = .hardLink(first)
                return plan.add(entry)
            }
            linked[identity] = entry.path
        }
        entry.size = step.status.size
        plan.add(entry, .file(tree, step.path, step.status))
    }

    /// Refuses a file where there is a directory.
    func requireReplaceable(_ place: PathBytes, mayReplace: Bool) throws {
        var kind = plan.kind(at: TarPath(bytes: place.bytes)) == .directory ? FileStatus.Kind.directory : nil
        if kind == nil, mayReplace { kind = try destination.status(place)?.kind }
        if kind == .directory || place.bytes.isEmpty {
            throw PlainFailure(.conflict, "cannot replace to directory /\(place) with file")
        }
    }

    /// Refuses a directory where there is something else.
    private func requireDirectory(_ place: PathBytes, mayReplace: Bool) throws {
        if let kind = plan.kind(at: TarPath(bytes: place.bytes)) {
            if kind != .directory { throw Destination.notDirectory(place) }
        } else if mayReplace, let status = try destination.status(place), status.kind != .directory {
            throw Destination.notDirectory(place)
        }
    }

    /// Whether ADD unpacks the file: a first member can be read from it, whatever its name is.
    func isUnpacked(
        _ path: PathBytes,
        _ status: FileStatus,
        of tree: any SourceTree,
        _ action: CopyAction
    ) throws -> Bool {
        let isWanted = action.unpack == .always || action.unpack == .local && !tree.isDownloaded
        guard isWanted, status.kind == .file, status.size > 0 else { return false }
        let archive = try ArchiveSource(path, of: tree)
        // What can't be read as an archive is a file like any other.
        return (try? TarReader(archive.members).next()) != nil
    }
}
