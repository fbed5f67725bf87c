package import LinuxSystem
private import SystemPackage

/// Adds up the space that a tree takes.
package enum Usage {
    /// Allocated bytes of everything below a name, files with several names counted once; 0 where it isn't there.
    package static func bytes(of name: PathBytes, in holder: borrowing Directory) throws(SystemError) -> Int64 {
        guard let top = try holder.status(name), top.kind == .directory else { return 0 }
        var total = top.blocks512
        var seen: Set<FileStatus.Identity> = []
        var descent = try Descent(try holder.directory(name))
        var waiting = [try look(descent.current, total: &total, seen: &seen)]
        while let level = waiting.indices.last {
            if let next = waiting[level].popLast() {
                do { try descent.enter(next) } catch  where error.errno == .noSuchFileOrDirectory { continue }
                waiting.append(try look(descent.current, total: &total, seen: &seen))
            } else {
                waiting.removeLast()
                _ = try descent.leave()
            }
        }
        return total * 512
    }

    /// Counts one directory's entries; the names of the directories among them.
    private static func look(
        _ directory: borrowing Directory,
        total: inout Int64,
        seen: inout Set<FileStatus.Identity>
    ) throws(SystemError) -> [PathBytes] {
        var directories: [PathBytes] = []
        for entry in try directory.entries() {
            // What vanished meanwhile takes no space.
            guard let status = try directory.status(entry.name) else { continue }
            if status.kind == .directory {
                directories.append(entry.name)
            } else if status.linkCount > 1, !seen.insert(status.identity).inserted {
                continue
            }
            total += status.blocks512
        }
        return directories
    }
}
