private import Glibc
private import SystemPackage

extension Directory {
    /// Removes a name and everything below it; nothing happens where it isn't there.
    ///
    /// No link is followed and no other mount is entered (`EXDEV`), and depth costs neither stack nor descriptors. What
    /// another process removes meanwhile is no error.
    package func removeTree(_ name: PathBytes) throws(SystemError) {
        if try removeFile(name) { return }
        if let (parent, last) = name.splitAtLast {
            return try Directory(adopting: open(parent, flags: O_RDONLY | O_DIRECTORY)).removeTree(last)
        }
        let mayDoAnything = geteuid() == 0
        if !mayDoAnything { try openUp(name) }
        var descent = try Descent(try reopened())
        do { try descent.enter(name) } catch  where error.errno == .noSuchFileOrDirectory { return }
        // One list of directories still to go for each level on the way.
        var waiting = [try descent.current.removeFiles()]
        while let level = waiting.indices.last {
            if let next = waiting[level].popLast() {
                if !mayDoAnything { try descent.current.openUp(next) }
                do { try descent.enter(next) } catch  where error.errno == .noSuchFileOrDirectory { continue }
                waiting.append(try descent.current.removeFiles())
            } else {
                waiting.removeLast()
                guard let left = try descent.leave() else { break }
                do { try descent.current.remove(left, directory: true) } catch
                    where error.errno == .noSuchFileOrDirectory
                {}
            }
        }
    }

    /// Removes all that isn't a directory; the names of the directories.
    private func removeFiles() throws(SystemError) -> [PathBytes] {
        var directories: [PathBytes] = []
        for entry in try entries() {
            if entry.kind == .directory {
                directories.append(entry.name)
            } else if try !removeFile(entry.name) {
                directories.append(entry.name)
            }
        }
        return directories
    }

    /// Removes what isn't a directory; false where it is one.
    private func removeFile(_ name: PathBytes) throws(SystemError) -> Bool {
        do { try remove(name) } catch {
            switch error.errno {
            case .noSuchFileOrDirectory: break
            case .isDirectory: return false
            // POSIX's answer for a directory, and Linux's for a file in a directory that must not be changed.
            case .notPermitted:
                if try status(name)?.kind == .directory { return false }
                throw error
            default: throw error
            }
        }
        return true
    }

    /// Makes a directory of one's own passable: an unprivileged build may leave some that its owner can't enter.
    private func openUp(_ name: PathBytes) throws(SystemError) {
        guard let status = try status(name), status.kind == .directory, status.permissions & 0o700 != 0o700 else {
            return
        }
        try chmod(name, status.permissions | 0o700)
    }
}
