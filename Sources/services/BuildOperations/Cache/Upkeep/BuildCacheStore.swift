import BuildDefinition
package import ContentStorage
package import ImageManagement
package import MetadataStorage
import OCISpec
package import SnapshotStorage

/// What builds left in a store to be quicker the next time: looked at and tidied.
package struct BuildCacheStore: Sendable {
    let content: ContentStore
    let snapshots: SnapshotStore
    let metadata: MetadataStore
    let images: ImageCatalog

    package init(content: ContentStore, snapshots: SnapshotStore, metadata: MetadataStore, images: ImageCatalog) {
        self.content = content
        self.snapshots = snapshots
        self.metadata = metadata
        self.images = images
    }

    /// All records, the one that was used last first.
    package func records() throws -> [CacheRecord] {
        (try stepRecords() + mountRecords() + repositoryRecords()).sorted { ($1.usedAt, $0.id) < ($0.usedAt, $1.id) }
    }

    /// Removes records that are there still and that nobody has begun to use; those that went.
    package func remove(_ records: [CacheRecord]) throws -> [CacheRecord] {
        let rows = records.filter { !$0.isMutable }.map { Self.key($0.id) }
        var gone = Set(try images.forget(cacheRecords: rows).map(Self.id))
        let names = Set(records.filter { $0.kind == .cacheMount }.map(\.id))
        for mount in try mounts.all() where names.contains(mount.name) {
            if try mounts.remove(mount) { gone.insert(mount.name) }
        }
        if records.contains(where: { $0.kind == .repositories }), try repositories.removeAll() > 0 {
            gone.insert(Self.repositoriesID)
        }
        return records.filter { gone.contains($0.id) }
    }

    // MARK: - Folders

    private static let repositoriesID = "git"

    private var mounts: CacheMountStore { CacheMountStore(root: snapshots.root) }
    private var repositories: GitRepositories { GitRepositories(root: snapshots.root) }

    private func mountRecords() throws -> [CacheRecord] {
        try mounts.all().map { mount in
            var record = CacheRecord(
                id: mount.name,
                kind: .cacheMount,
                description: "cache mount \(mount.id)",
                createdAt: mount.createdAt,
                usedAt: mount.usedAt,
                size: mount.size
            )
            record.isInUse = mount.isInUse
            return record
        }
    }

    /// All repositories are one record: they were used when the latest tree was taken.
    private func repositoryRecords() throws -> [CacheRecord] {
        let size = try repositories.usage()
        if size == 0 { return [] }
        let trees = try metadata.cache.all().filter { Self.kind($0) == .git }
        return [
            CacheRecord(
                id: Self.repositoriesID,
                kind: .repositories,
                description: "git repositories that trees were taken from",
                createdAt: trees.map(\.createdAt).min() ?? 0,
                usedAt: trees.map(\.usedAt).max() ?? 0,
                size: size
            )
        ]
    }

    // MARK: - Rows of the database

    /// A key is the digest of what it is made of; its digits alone are the ID.
    private static func id(_ key: String) -> String { String(key.drop { $0 != ":" }.dropFirst()) }
    private static func key(_ id: String) -> String { "sha256:" + id }

    private func stepRecords() throws -> [CacheRecord] {
        let held = try Retention(images).digests
        let live = try metadata.leases.liveDigests()
        return try metadata.cache.all().compactMap { row in
            let digests = Retention.digests(in: row.result)
            var record = CacheRecord(
                id: Self.id(row.key),
                kind: Self.kind(row),
                description: row.step?.description ?? Self.source(row),
                createdAt: row.createdAt,
                usedAt: row.usedAt,
                uses: row.uses,
                size: row.size,
                storage: digests.min()
            )
            record.isInUse = !digests.isDisjoint(with: live)
            record.isShared = !digests.isDisjoint(with: held.subtracting(live))
            if record.kind == .regular {
                guard let layer = try? JSON.decode(BuiltLayer.self, from: row.result) else { return nil }
                record.storage = layer.blob.digest
                record.size = try content.size(layer.blob.digest) ?? 0
                if !record.isShared { record.size += try snapshots.usage(layer.diffID) }
            }
            return record
        }
    }

    private static func kind(_ row: CacheRow) -> CacheRecord.Kind {
        switch row.parts.first?.value {
        case "http", "http tree": .http
        case "git": .git
        default: .regular
        }
    }

    /// Where a file or tree came from.
    private static func source(_ row: CacheRow) -> String {
        let parts = row.parts.filter { ["url", "remote", "reference"].contains($0.name) }
        return parts.isEmpty ? row.parts.first?.value ?? "" : parts.map(\.value).joined(separator: "#")
    }
}

extension CacheUsage {
    /// The row of `system df`.
    package var summary: DiskUsage.Cache {
        var summary = DiskUsage.Cache()
        summary.records = count
        summary.activeRecords = inUse
        summary.size = owned
        summary.reclaimable = reclaimable
        return summary
    }
}
