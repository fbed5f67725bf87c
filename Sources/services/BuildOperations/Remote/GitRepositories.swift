package import LinuxSystem
import SnapshotStorage
package import SystemPackage

/// The bare repositories that a store keeps of remotes, so that the next fetch from one is small: `git/<hex>`.
///
/// Nothing depends on them: any that nobody works with may be removed at any time.
package struct GitRepositories: Sendable {
    private let folder: FilePath

    /// - Parameter root: the store's folder.
    package init(root: FilePath) { folder = root.appending("git") }

    /// A repository that nobody else works with while the value lives.
    struct Repository: ~Copyable {
        let path: FilePath
        private let lock: FileLock

        fileprivate init(path: FilePath, lock: consuming FileLock) {
            self.path = path
            self.lock = lock
        }
    }

    /// Waits until nobody works with the repository of a remote; it may not be made yet.
    func open(_ name: String) throws(SystemError) -> Repository {
        let directory = try Directory.open(folder, create: true)
        let lock = try directory.lock(PathBytes(name + ".lock"), .exclusive)
        return Repository(path: folder.appending(name), lock: lock)
    }

    /// What all of them take on disk, in bytes.
    package func usage() throws(SystemError) -> Int64 {
        guard let directory = try existing() else { return 0 }
        var bytes: Int64 = 0
        for entry in try directory.entries() where entry.kind == .directory {
            bytes += try Usage.bytes(of: entry.name, in: directory)
        }
        return bytes
    }

    /// Removes those that nobody works with; how many bytes they took.
    @discardableResult
    package func removeAll() throws(SystemError) -> Int64 {
        guard let directory = try existing() else { return 0 }
        var bytes: Int64 = 0
        for entry in try directory.entries() where entry.kind == .directory {
            guard let lock = try directory.attemptLock(PathBytes("\(entry.name).lock"), .exclusive) else { continue }
            bytes += try Usage.bytes(of: entry.name, in: directory)
            try directory.removeTree(entry.name)
            // The lock's file stays: who waits for it has it open, and would lock something that has no name any more.
            withExtendedLifetime(lock) {}
        }
        return bytes
    }

    private func existing() throws(SystemError) -> Directory? {
        do throws(SystemError) { return try Directory.open(folder) } catch
            where error.errno == .noSuchFileOrDirectory
        { return nil }
    }
}
