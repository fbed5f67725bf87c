internal import LinuxSystem
private import SystemPackage

/// Notes which trees the disk may not have yet.
///
/// Syncing each tree when it is made would cost more than making it. So `<hex>.unsynced` beside a tree holds the boot ID of the
/// machine at that time: while that boot lasts, the tree is as it was made; after a loss of power its files may be empty, and
/// it counts as missing. The mark is made before the tree appears, so a tree without one was synced.
enum UnsyncedMark {
    private static func name(for tree: PathBytes) -> PathBytes { PathBytes(tree.bytes + Array(".unsynced".utf8)) }

    /// This boot's ID; empty where the kernel doesn't tell, and then no mark is trusted.
    private static let bootID = BootID.text.map { Array(($0 + "\n").utf8) } ?? []

    /// Says that a tree that is about to appear isn't synced.
    static func set(for tree: PathBytes, in trees: borrowing Directory) throws(SystemError) {
        let file = try trees.temporaryFile()
        try DescriptorIO.write(file.descriptor.raw, bootID.span)
        try file.link(as: name(for: tree), replace: true)
    }

    /// Whether a tree that is there is whole.
    static func isTrusted(_ tree: PathBytes, in trees: borrowing Directory) throws(SystemError) -> Bool {
        guard let bootOfTree = try trees.readFile(name(for: tree), limit: 100) else { return true }
        return !bootID.isEmpty && bootOfTree == bootID
    }

    /// Forgets the mark of a tree that is gone.
    static func clear(for tree: PathBytes, in trees: borrowing Directory) throws(SystemError) {
        do { try trees.remove(name(for: tree)) } catch  where error.errno == .noSuchFileOrDirectory {}
    }

    /// Removes marks without trees that are older than a day: what is left of a process that died between a tree and its mark.
    ///
    /// A younger one may belong to a tree that is about to appear.
    static func sweep(_ trees: borrowing Directory, before deadline: FileTime) throws(SystemError) {
        let suffix = Array(".unsynced".utf8)
        for entry in try trees.entries() where entry.name.bytes.suffix(suffix.count).elementsEqual(suffix) {
            let tree = PathBytes(entry.name.bytes.dropLast(suffix.count))
            guard let mark = try trees.status(entry.name), mark.changed < deadline, try trees.status(tree) == nil else {
                continue
            }
            try clear(for: tree, in: trees)
        }
    }

    /// Syncs the file system, then removes the marks of this boot's trees that were there before.
    static func clearAll(in trees: borrowing Directory) throws(SystemError) {
        let suffix = Array(".unsynced".utf8)
        var marks: [PathBytes] = []
        for entry in try trees.entries() where entry.name.bytes.suffix(suffix.count).elementsEqual(suffix) {
            let tree = PathBytes(entry.name.bytes.dropLast(suffix.count))
            if try trees.status(tree) != nil, try isTrusted(tree, in: trees) { marks.append(tree) }
        }
        if marks.isEmpty { return }
        try trees.syncFileSystem()
        for tree in marks { try clear(for: tree, in: trees) }
        try trees.sync()
    }
}
