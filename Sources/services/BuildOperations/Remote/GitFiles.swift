import LinuxSystem
import SystemPackage

/// The files of a checkout: what doesn't belong to the commit is removed, and modes and times are made the same for
/// everybody.
enum GitFiles {
    /// Removes every `.git`, the top's and those of submodules.
    static func removeGitDirectories(in directory: consuming Directory) throws {
        try walk(directory) { (folder, entries) in
            guard entries.contains(where: { $0.name == ".git" }) else { return entries }
            try folder.removeTree(".git")
            return entries.filter { $0.name != ".git" }
        }
    }

    /// Removes what tells of a fetch and not of the repository.
    static func removeTraces(in directory: consuming Directory) throws {
        let traces: Set<PathBytes> = ["logs", "FETCH_HEAD", "ORIG_HEAD", "description"]
        guard try directory.status(".git")?.kind == .directory else { return }
        try walk(try directory.directory(".git")) { (folder, entries) in
            // A directory of git has a HEAD; elsewhere these names are names of branches.
            guard entries.contains(where: { $0.name == "HEAD" && $0.kind == .file }) else { return entries }
            for entry in entries where traces.contains(entry.name) { try folder.removeTree(entry.name) }
            return entries.filter { !traces.contains($0.name) }
        }
    }

    /// Makes files 0644 or 0755 and directories 0755, and all of them as old as `time` (seconds since 1970; nil leaves the
    /// times alone). What the files hold, in bytes.
    static func normalize(_ directory: consuming Directory, time: Int64?) throws -> Int64 {
        let moment = time.map { FileTime(seconds: $0) }
        var bytes: Int64 = 0
        func settle(_ name: PathBytes, _ status: FileStatus, in folder: borrowing Directory) throws {
            if status.kind != .symbolicLink {
                let isRunnable = status.kind == .directory || status.permissions & 0o100 != 0
                try folder.chmod(name, isRunnable ? 0o755 : 0o644)
            }
            if let moment { try folder.setTimes(name, accessed: moment, modified: moment) }
        }
        let top = try directory.reopened()
        try walk(directory) { (folder, entries) in
            for entry in entries {
                guard let status = try folder.status(entry.name) else { continue }
                if status.kind == .file { bytes += status.size }
                if status.kind != .directory { try settle(entry.name, status, in: folder) }
            }
            return entries
        } leaving: { (folder, name) in
            if let status = try folder.status(name) { try settle(name, status, in: folder) }
        }
        try settle(".", try top.status(), in: top)
        return bytes
    }

    /// Visits every directory: `body` sees what is in one and says what of it is visited too; `leaving` sees a directory
    /// again in its parent, when all below it is done.
    private static func walk(
        _ top: consuming Directory,
        _ body: (borrowing Directory, [DirectoryEntry]) throws -> [DirectoryEntry],
        leaving: (borrowing Directory, PathBytes) throws -> Void = { _, _ in }
    ) throws {
        var descent = try Descent(top)
        func directories(_ entries: [DirectoryEntry]) -> [PathBytes] {
            entries.filter { $0.kind == .directory }.map(\.name)
        }
        var waiting = [directories(try body(descent.current, try descent.current.entries()))]
        while let level = waiting.indices.last {
            if let next = waiting[level].popLast() {
                try descent.enter(next)
                waiting.append(directories(try body(descent.current, try descent.current.entries())))
            } else {
                waiting.removeLast()
                if let left = try descent.leave() { try leaving(descent.current, left) }
            }
        }
    }
}
