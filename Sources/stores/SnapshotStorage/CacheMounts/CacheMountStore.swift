internal import LinuxSystem
private import OCISpec
package import SystemPackage

/// The directories that `RUN --mount=type=cache` keeps between builds.
///
/// `cache-mounts/<hex of a key>/<n>/` is one; `<n>.lock` beside it is locked while a step has it mounted, by whichever
/// process. The numbers above 0 are for steps that don't want to share. `cache-mounts/lock` is held while one is taken or
/// removed, and only then: so nobody takes what goes away.
package struct CacheMountStore: Sendable {
    let root: FilePath
    let snapshots: SnapshotStore

    /// - Parameter root: the store's root folder. Nothing is made or opened before it is needed.
    package init(root: FilePath) {
        self.root = root.appending("cache-mounts")
        snapshots = SnapshotStore(root: root)
    }

    /// Takes a directory for a step, made where it is missing.
    ///
    /// Where another step has it and it isn't to be shared, this waits, and asks `isCancelled` while it does.
    package func take(
        _ key: CacheMountKey,
        sharing: CacheMountSharing,
        isCancelled: () -> Bool
    ) throws(SnapshotError) -> CacheMount {
        try about(key.id) { () throws(SystemError) in
            while true {
                if let mount = try attempt(key, sharing) { return mount }
                if isCancelled() { throw SystemError("flock", nil, .canceled) }
                Pause.milliseconds(20)
            }
        }
    }

    private func attempt(_ key: CacheMountKey, _ sharing: CacheMountSharing) throws(SystemError) -> CacheMount? {
        let top = try Directory.open(root, create: true, mode: 0o700)
        let guarding = try top.lock("lock", .shared)
        defer { withExtendedLifetime(guarding) {} }
        let folder = try top.directory(PathBytes(key.folderName), create: true, mode: 0o700)
        if try folder.status("id") == nil {
            let file = try folder.temporaryFile()
            try DescriptorIO.write(file.descriptor.raw, Array(key.id.utf8).span)
            do { try file.link(as: "id", replace: false) } catch  where error.errno == .fileExists {}
        }
        var number = 0
        while true {
            let isThere = try folder.status(PathBytes("\(number)"))?.kind == .directory
            // Whoever makes it must be alone.
            let mode: FileLock.Mode = isThere && sharing == .shared ? .shared : .exclusive
            if let lock = try folder.attemptLock(PathBytes("\(number).lock"), mode) {
                // Another one may have made it before the lock was free.
                if isThere != (try folder.status(PathBytes("\(number)")) != nil) { continue }
                try folder.setTimes(PathBytes("\(number).lock"), accessed: nil, modified: .now)
                return try CacheMount(store: self, folder: folder, key: key, number: number, sharing, isThere, lock)
            }
            guard sharing == .private else { return nil }
            number += 1
        }
    }

    // MARK: - Upkeep

    /// All directories, in the order of their names.
    package func all() throws(SnapshotError) -> [CacheMountRecord] {
        try about("cache mounts") { () throws(SystemError) in
            guard let top = try snapshots.existing(root) else { return [] }
            var records: [CacheMountRecord] = []
            for name in try top.entries().filter({ $0.kind != .file }).map(\.name).sorted() {
                // What was removed meanwhile isn't there.
                guard let status = try top.status(name), status.kind == .directory else { continue }
                let folder = try top.directory(name)
                let id = String(decoding: try folder.readFile("id", limit: 1 << 20) ?? [], as: UTF8.self)
                for number in try folder.entries().compactMap({ Int($0.name.description) }).sorted() {
                    records.append(try record(number, id: id, of: name, folder))
                }
            }
            return records
        }
    }

    private func record(
        _ number: Int,
        id: String,
        of name: PathBytes,
        _ folder: borrowing Directory
    ) throws(SystemError) -> CacheMountRecord {
        let lockName = PathBytes("\(number).lock")
        let lock = try folder.attemptLock(lockName, .exclusive)
        return CacheMountRecord(
            name: "\(name)/\(number)",
            id: id,
            size: try Usage.bytes(of: PathBytes("\(number)"), in: folder),
            createdAt: try folder.status("id").map(\.modified.inNanoseconds) ?? 0,
            usedAt: try folder.status(lockName).map(\.modified.inNanoseconds) ?? 0,
            isInUse: lock == nil
        )
    }

    /// Removes a directory; false where a step has it, and it stays.
    package func remove(_ record: CacheMountRecord) throws(SnapshotError) -> Bool {
        try about(record.id) { () throws(SystemError) in
            let parts = record.name.split(separator: "/").map(String.init)
            guard parts.count == 2, let top = try snapshots.existing(root) else { return true }
            let guarding = try top.lock("lock", .exclusive)
            defer { withExtendedLifetime(guarding) {} }
            guard try top.status(PathBytes(parts[0])) != nil else { return true }
            let folder = try top.directory(PathBytes(parts[0]))
            guard let lock = try folder.attemptLock(PathBytes(parts[1] + ".lock"), .exclusive) else { return false }
            try snapshots.discard(PathBytes(parts[1]), of: folder)
            try folder.remove(PathBytes(parts[1] + ".lock"))
            withExtendedLifetime(lock) {}
            if try folder.entries().allSatisfy({ $0.name == "id" }) { try top.removeTree(PathBytes(parts[0])) }
            return true
        }
    }
}
