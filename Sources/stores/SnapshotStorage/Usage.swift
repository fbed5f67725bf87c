package import LinuxSystem
private import SystemPackage

/// Adds up the space that a tree takes.
package struct Usage: Sendable, Hashable {
    /// What the disk gives for it, in bytes, directories too: what `du` says.
    package private(set) var allocated: Int64 = 0
    /// What is in its files and links, in bytes, directories not: what Docker says.
    package private(set) var content: Int64 = 0

    package init() {}

    /// Allocated bytes of everything below a name, files with several names counted once; 0 where it isn't there.
    package static func bytes(of name: PathBytes, in holder: borrowing Directory) throws(SystemError) -> Int64 {
        try Usage(of: name, in: holder).allocated
    }

    /// Everything below a directory's name and itself, files with several names counted once; nothing where it isn't there.
    package init(of name: PathBytes, in holder: borrowing Directory) throws(SystemError) {
        guard let top = try holder.status(name), top.kind == .directory else { return }
        add(top)
        var seen: Set<FileStatus.Identity> = []
        guard let start = try Self.open(name, in: holder) else { return }
        var descent = try Descent(start)
        var waiting = [try look(descent.current, seen: &seen)]
        while let level = waiting.indices.last {
            if let next = waiting[level].popLast() {
                do { try descent.enter(next) } catch  where Self.isAway(error) { continue }
                waiting.append(try look(descent.current, seen: &seen))
            } else {
                waiting.removeLast()
                // Where this directory was moved or removed meanwhile, the way back is lost; what was seen counts.
                do { _ = try descent.leave() } catch  where Self.isAway(error) { return }
            }
        }
    }

    private static func open(_ name: PathBytes, in holder: borrowing Directory) throws(SystemError) -> Directory? {
        do throws(SystemError) { return try holder.directory(name) } catch {
            if isAway(error) { return nil }
            throw error
        }
    }

    /// Whether a directory vanished meanwhile or is elsewhere, or somebody at work has mounted something on it, which takes no space here.
    private static func isAway(_ error: SystemError) -> Bool {
        [.noSuchFileOrDirectory, .improperLink].contains(error.errno)
    }

    package static func + (left: Usage, right: Usage) -> Usage {
        var sum = left
        sum.allocated += right.allocated
        sum.content += right.content
        return sum
    }

    /// Adds one file or directory.
    package mutating func add(_ status: FileStatus) {
        allocated += status.blocks512 * 512
        if status.kind != .directory { content += status.size }
    }

    /// Counts one directory's entries; the names of the directories among them.
    private mutating func look(
        _ directory: borrowing Directory,
        seen: inout Set<FileStatus.Identity>
    ) throws(SystemError) -> [PathBytes] {
        var directories: [PathBytes] = []
        for entry in try Self.entries(of: directory) {
            // What vanished meanwhile takes no space.
            guard let status = try directory.status(entry.name) else { continue }
            if status.kind == .directory {
                directories.append(entry.name)
            } else if status.linkCount > 1, !seen.insert(status.identity).inserted {
                continue
            }
            add(status)
        }
        return directories
    }

    /// A directory that was removed since it was opened has none.
    private static func entries(of directory: borrowing Directory) throws(SystemError) -> [DirectoryEntry] {
        do { return try directory.entries() } catch  where error.errno == .noSuchFileOrDirectory { return [] }
    }
}
