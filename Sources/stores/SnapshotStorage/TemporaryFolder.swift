package import LinuxSystem
package import SystemPackage

/// A directory in `tmp/` that belongs to this process, and says so by a lock that ends with it.
///
/// It is removed with everything in it when the value ends.
package struct TemporaryFolder: ~Copyable, Sendable {
    /// What it is for: the beginning of its name.
    ///
    /// Names that begin otherwise are somebody else's and are never swept.
    package enum Kind: String, CaseIterable {
        case tree = "tree-", upper = "upper-", removed = "removed-", store = "store-"
        case network = "network-"
    }

    let directory: Directory
    package let path: FilePath
    private let parent: Directory
    private let name: PathBytes
    private let lock: FileLock
    private var isRemoved = false

    /// Makes a directory, and `tmp/` too where it is missing.
    package init(in temporary: FilePath, kind: Kind) throws(SystemError) {
        let parent = try Directory.open(temporary, create: true)
        while true {
            let name = PathBytes.unique(prefix: kind.rawValue)
            try parent.makeDirectory(name, mode: 0o700)
            // Between making and locking, somebody who sweeps may have taken it for a leftover.
            guard let lock = try Self.claim(name, in: parent) else { continue }
            directory = try parent.directory(name)
            path = temporary.appending(name.description)
            self.parent = parent
            self.name = name
            self.lock = lock
            return
        }
    }

    deinit {
        // Nobody is there to hear of an error; what stays is swept later.
        if !isRemoved { try? parent.removeTree(name) }
    }

    /// Removes it now, and says what went wrong.
    consuming func remove() throws(SystemError) {
        isRemoved = true
        try parent.removeTree(name)
    }

    /// Removes what processes that are gone left in `tmp/`; how many directories.
    static func sweep(_ temporary: FilePath) throws(SystemError) -> Int {
        let parent: Directory
        do { parent = try Directory.open(temporary) } catch  where error.errno == .noSuchFileOrDirectory { return 0 }
        var count = 0
        for entry in try parent.entries() {
            let text = entry.name.description
            guard Kind.allCases.contains(where: { text.hasPrefix($0.rawValue) }) else { continue }
            guard let lock = try Self.claim(entry.name, in: parent) else { continue }
            // Something that is mounted there is no trouble of whoever sweeps.
            do throws(SystemError) { try parent.removeTree(entry.name) } catch {
                if error.errno == .resourceBusy || error.errno == .improperLink { continue }
                throw error
            }
            withExtendedLifetime(lock) { count += 1 }
        }
        return count
    }

    /// Locks a directory; nil where another process holds it, or it went away or was replaced meanwhile.
    private static func claim(_ name: PathBytes, in parent: borrowing Directory) throws(SystemError) -> FileLock? {
        let descriptor: OwnedDescriptor
        do { descriptor = try parent.directory(name).relinquish() } catch
            where error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory
        { return nil }
        guard let lock = try FileLock.attempt(descriptor, .exclusive) else { return nil }
        let locked = try FileStatus(of: lock.descriptor.raw).identity
        guard try parent.status(name)?.identity == locked else { return nil }
        return lock
    }
}
