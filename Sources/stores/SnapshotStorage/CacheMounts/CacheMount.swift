internal import LinuxSystem
package import SystemPackage

/// A directory that RUN keeps, held for one step; others see that it is held until the value ends.
package struct CacheMount: ~Copyable, Sendable {
    /// Whether it is new: it is to be filled, and then settled.
    package private(set) var isNew: Bool
    private let store: CacheMountStore
    private let folder: Directory
    private let path: FilePath
    private let number: Int
    private let sharing: CacheMountSharing
    private var lock: FileLock

    init(
        store: CacheMountStore,
        folder: consuming Directory,
        key: CacheMountKey,
        number: Int,
        _ sharing: CacheMountSharing,
        _ isThere: Bool,
        _ lock: consuming FileLock
    ) throws(SystemError) {
        path = store.root.appending(key.folderName)
        if !isThere {
            // What a process left that died while it filled it.
            try folder.removeTree(PathBytes("\(number).new"))
            let name = PathBytes("\(number).new")
            try folder.makeDirectory(name, mode: 0o700)
            try folder.chown(name, uid: key.uid ?? 0, gid: key.gid ?? 0)
            try folder.chmod(name, key.mode ?? 0o755)
        }
        isNew = !isThere
        self.store = store
        self.folder = folder
        self.number = number
        self.sharing = sharing
        self.lock = lock
    }

    /// The directory to mount, or while it is new to fill.
    package var directory: FilePath { path.appending(isNew ? "\(number).new" : "\(number)") }

    /// Gives a new directory its name: from now on it is whole.
    package mutating func settle() throws(SnapshotError) {
        guard isNew else { return }
        isNew = false
        try about(path.string) { () throws(SystemError) in
            let guarding = try Directory.open(store.root).lock("lock", .shared)
            try folder.rename(PathBytes("\(number).new"), to: PathBytes("\(number)"), replace: false)
            if sharing == .shared { try lock.share() }
            withExtendedLifetime(guarding) {}
        }
    }
}
