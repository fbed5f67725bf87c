import LinuxSystem
import Reporting
import SystemPackage
import TarFormat

/// Where a file operation writes: the file system below, and the directories that the layer has so far.
///
/// A layer's entry for a directory replaces that directory's attributes in the result, so directories that are there
/// already go into the layer with the attributes they have below, as if the layer had been made by a mount.
struct Destination {
    /// Nil: the file system below is empty, or isn't looked at.
    var below: (any LowerView)?
    /// Seconds since 1970 that nothing in the layer is younger than.
    var epoch: Int64?
    var owner: Ownership
    /// The permissions of directories that are made for what is copied.
    var directoryMode: UInt32 = 0o755

    /// The time of what this build makes itself.
    var made: TarTime { TarTime(seconds: epoch ?? 0) }

    /// A time as the layer has it: whole seconds, as Docker's layers do, and not later than the epoch.
    func time(_ seconds: Int64) -> TarTime { TarTime(seconds: min(seconds, epoch ?? seconds)) }

    /// Where `path` leads, links of the file system below followed; what doesn't exist stays as written.
    func resolve(_ path: PathBytes) throws -> PathBytes {
        try place(path.clipped, followLast: true)?.path.clipped ?? path.clipped
    }

    /// What stands at a resolved path; nil where nothing does.
    func status(_ path: PathBytes) throws -> FileStatus? {
        try place(path, followLast: false)?.status
    }

    private func place(_ path: PathBytes, followLast: Bool) throws -> LayeredTree.Resolved? {
        do { return try below?.place(path, followLast: followLast) } catch let error as SystemError
            where error.errno == .notDirectory
        { throw Self.notDirectory(path) }
    }

    func isDirectory(_ path: PathBytes) throws -> Bool {
        if path.bytes.isEmpty { return true }
        return try status(path)?.kind == .directory
    }

    /// Puts the directories above `path` into the plan, outermost first.
    func addParents(of path: PathBytes, to plan: inout CopyPlan) throws {
        for parent in path.ancestors { try addDirectory(parent, to: &plan) }
    }

    /// Puts one directory into the plan: as it is below, or as a new one.
    func addDirectory(_ path: PathBytes, to plan: inout CopyPlan) throws {
        let name = TarPath(bytes: path.bytes)
        if path.bytes.isEmpty { return }
        if let kind = plan.kind(at: name) {
            guard kind == .directory else { throw Self.notDirectory(path) }
            return
        }
        var entry = TarEntry(name, kind: .directory, mode: directoryMode)
        if let status = try status(path) {
            guard status.kind == .directory else { throw Self.notDirectory(path) }
            entry.mode = status.permissions
            (entry.uid, entry.gid) = (status.uid, status.gid)
            entry.modified = time(status.modified.seconds)
            entry.xattrs = try below?.layerAttributes(path).map(\.entry) ?? []
        } else {
            (entry.uid, entry.gid) = (owner.uid, owner.gid)
            entry.modified = made
        }
        plan.add(entry)
    }

    static func notDirectory(_ path: PathBytes) -> PlainFailure {
        PlainFailure(.conflict, "cannot copy to non-directory: /\(path)")
    }
}

/// Who new files belong to.
struct Ownership: Hashable, Sendable {
    var uid: UInt32
    var gid: UInt32

    static let root = Ownership(uid: 0, gid: 0)
}
