package import LinuxSystem
package import OCISpec
package import SystemPackage

/// A tree that is being made.
///
/// What isn't committed is removed when the value ends.
package struct ActiveTree: ~Copyable, Sendable {
    private let store: SnapshotStore
    private let folder: TemporaryFolder

    init(store: SnapshotStore, folder: consuming TemporaryFolder) {
        self.store = store
        self.folder = folder
    }

    /// The directory to fill, on the same file system as the trees.
    ///
    /// Its own mode, owner and times become the tree's.
    package var path: FilePath { folder.path.appending("fs") }

    /// The directory to fill, opened.
    package func directory() throws(SnapshotError) -> Directory {
        try about(path.string) { () throws(SystemError) in try folder.directory.directory("fs") }
    }

    /// Makes it the tree of a diff ID.
    ///
    /// Where another process was first, its tree stays: both are the same.
    package consuming func commit(as diffID: Digest) throws(SnapshotError) {
        try about(diffID.description) { () throws(SystemError) in
            try store.settle("fs", of: folder.directory, as: diffID)
        }
    }
}

/// A step's writable directory and overlayfs's own beside it.
///
/// Both are removed when the value ends, but for what is adopted.
package struct ActiveUpper: ~Copyable, Sendable {
    private let store: SnapshotStore
    private let folder: TemporaryFolder

    init(store: SnapshotStore, folder: consuming TemporaryFolder) {
        self.store = store
        self.folder = folder
    }

    package var directories: UpperDirectory {
        UpperDirectory(upper: folder.path.appending("upper"), work: folder.path.appending("work"))
    }

    /// What was written, opened; the overlay must not be mounted any more when it is read as a layer.
    package func directory() throws(SnapshotError) -> Directory {
        try about(folder.path.string) { () throws(SystemError) in try folder.directory.directory("upper") }
    }

    /// Makes what was written the tree of a diff ID.
    ///
    /// The overlay must not be mounted any more.
    package consuming func commit(as diffID: Digest) throws(SnapshotError) {
        try about(diffID.description) { () throws(SystemError) in
            try store.settle("upper", of: folder.directory, as: diffID)
        }
    }
}

/// Where an overlay writes.
package struct UpperDirectory: Sendable, Hashable {
    package var upper: FilePath
    /// overlayfs's own, on the same file system.
    package var work: FilePath
}
