internal import LinuxSystem
package import OCISpec
package import SystemPackage

/// The unpacked layers of images, and the writable directories of containers and build steps.
///
/// The directories are the truth; there is no list beside them. `trees/<hex of a diff ID>` is there whole or not at all: it is
/// made in `tmp/` and renamed. It is a lower directory for overlayfs, with whiteouts as overlayfs has them. What is being
/// made or removed lies in a directory of `tmp/` that its process holds locked, so that another process can tell what a dead
/// one left behind. Any tree may be removed at any time: it can be unpacked again from its layer.
package struct SnapshotStore: Sendable {
    /// The store's root folder.
    package let root: FilePath

    /// Nothing is made or opened before it is needed.
    package init(root: FilePath) { self.root = root }

    /// Who has one number keeps files of all owners himself: his trees are of no use to him once he has more.
    var trees: FilePath { root.appending(OwnUserNamespace.hasOneUser ? "trees-of-one" : "trees") }
    package var temporary: FilePath { root.appending("tmp") }
    var containers: FilePath { root.appending("containers") }

    // MARK: - Trees

    /// The directory of an unpacked layer; nil where there is none that can be trusted.
    package func tree(_ diffID: Digest) throws(SnapshotError) -> FilePath? {
        let name = PathBytes(diffID.hex)
        let isThere = try about(diffID.description) { () throws(SystemError) in
            guard let trees = try existing(trees), try trees.status(name)?.kind == .directory else { return false }
            return try UnsyncedMark.isTrusted(name, in: trees)
        }
        return isThere ? trees.appending(diffID.hex) : nil
    }

    /// An empty directory to unpack a layer into.
    package func prepareTree() throws(SnapshotError) -> ActiveTree {
        try about("tree") { () throws(SystemError) in
            let folder = try TemporaryFolder(in: temporary, kind: .tree)
            try folder.directory.makeDirectory("fs", mode: 0o755)
            return ActiveTree(store: self, folder: folder)
        }
    }

    /// Makes a directory of the same file system the tree of a diff ID: a build step's upper directory.
    ///
    /// Where another process was first, its tree stays, and the directory is removed.
    package func adopt(_ directory: FilePath, as diffID: Digest) throws(SnapshotError) {
        guard let name = directory.lastComponent?.string else { throw SnapshotError(.invalidName, directory.string) }
        try about(diffID.description) { () throws(SystemError) in
            try settle(PathBytes(name), of: try Directory.open(directory.parent), as: diffID)
        }
    }

    /// Renames into `trees/`, or removes where the tree is there already.
    func settle(_ name: PathBytes, of holder: borrowing Directory, as diffID: Digest) throws(SystemError) {
        let trees = try Directory.open(trees, create: true)
        let target = PathBytes(diffID.hex)
        if try trees.status(target) != nil, try !UnsyncedMark.isTrusted(target, in: trees) {
            try discard(target, of: trees)
        }
        try UnsyncedMark.set(for: target, in: trees)
        do { try holder.rename(name, to: target, in: trees, replace: false) } catch  where error.errno == .fileExists {
            try discard(name, of: holder)
        }
    }

    /// All unpacked layers.
    package func all() throws(SnapshotError) -> [Digest] {
        try about("trees") { () throws(SystemError) in
            guard let trees = try existing(trees) else { return [] }
            return try trees.entries().compactMap { entry in
                guard entry.kind != .file else { return nil }
                let algorithm = entry.name.bytes.count == 128 ? "sha512" : "sha256"
                // What isn't named like a digest isn't ours.
                return try? Digest("\(algorithm):\(entry.name)")
            }.sorted()
        }
    }

    /// The space that a tree takes, in bytes; 0 where there is none.
    package func usage(_ diffID: Digest) throws(SnapshotError) -> Int64 {
        try about(diffID.description) { () throws(SystemError) in
            guard let trees = try existing(trees) else { return 0 }
            return try Usage.bytes(of: PathBytes(diffID.hex), in: trees)
        }
    }

    /// Removes a tree and the layer's index; nothing happens where there is none.
    ///
    /// A container that has it mounted keeps what it has open only.
    package func remove(_ diffID: Digest) throws(SnapshotError) {
        try about(diffID.description) { () throws(SystemError) in
            try removeIndex(diffID)
            guard let trees = try existing(trees) else { return }
            try discard(PathBytes(diffID.hex), of: trees)
            try UnsyncedMark.clear(for: PathBytes(diffID.hex), in: trees)
        }
    }

    /// Trees on their way out: those that are taken are out of sight at once, and removed when the value ends.
    package struct RemovedTrees: ~Copyable {
        private let store: SnapshotStore
        private let grave: TemporaryFolder

        fileprivate init(_ store: SnapshotStore) throws(SystemError) {
            self.store = store
            grave = try TemporaryFolder(in: store.temporary, kind: .removed)
        }

        /// Takes a tree out of sight, and removes the layer's index; nothing happens where there is none.
        package func take(_ diffID: Digest) throws(SnapshotError) {
            try about(diffID.description) { () throws(SystemError) in
                try store.removeIndex(diffID)
                guard let trees = try store.existing(store.trees) else { return }
                let name = PathBytes(diffID.hex)
                do throws(SystemError) { try trees.rename(name, to: name, in: grave.directory) } catch {
                    if error.errno == .noSuchFileOrDirectory { return }
                    throw error
                }
                try UnsyncedMark.clear(for: name, in: trees)
            }
        }

        /// Removes what was taken, and says what went wrong.
        package consuming func remove() throws(SnapshotError) {
            do throws(SystemError) { try grave.remove() } catch { throw SnapshotError(.system(error), "trees") }
        }
    }

    /// Begins to remove trees: for whoever decides inside a transaction and must not be slow there.
    package func removingTrees() throws(SnapshotError) -> RemovedTrees {
        try about("trees") { () throws(SystemError) in try RemovedTrees(self) }
    }

    // MARK: - Upkeep

    /// Writes everything to the disk and says so: from now on the trees outlive a loss of power.
    ///
    /// Without it, trees made since the last start of the machine are not trusted after the next one, and are unpacked again.
    package func makeDurable() throws(SnapshotError) {
        try about("trees") { () throws(SystemError) in
            if let trees = try existing(trees) { try UnsyncedMark.clearAll(in: trees) }
        }
    }

    /// Removes what processes that are gone left unfinished in `tmp/`; how many things there were.
    @discardableResult
    package func sweepTemporary() throws(SnapshotError) -> Int {
        try about("tmp") { () throws(SystemError) in
            if let trees = try existing(trees) {
                var deadline = FileTime.now
                deadline.seconds -= 86_400
                try UnsyncedMark.sweep(trees, before: deadline)
            }
            return try TemporaryFolder.sweep(temporary)
        }
    }

    /// Moves a name out of sight at once, then removes it at leisure; nothing happens where it isn't there.
    func discard(_ name: PathBytes, of holder: borrowing Directory) throws(SystemError) {
        let grave = try TemporaryFolder(in: temporary, kind: .removed)
        do { try holder.rename(name, to: "fs", in: grave.directory) } catch
            where error.errno == .noSuchFileOrDirectory
        {}
        try grave.remove()
    }

    /// A directory of the store if it has been made.
    func existing(_ path: FilePath) throws(SystemError) -> Directory? {
        do { return try Directory.open(path) } catch  where error.errno == .noSuchFileOrDirectory { return nil }
    }
}
