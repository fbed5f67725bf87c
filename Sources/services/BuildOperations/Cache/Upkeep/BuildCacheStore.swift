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
        try stepRecords().sorted { ($1.usedAt, $0.id) < ($0.usedAt, $1.id) }
    }

    /// Removes records that are there still and that nobody has begun to use; those that went.
    package func remove(_ records: [CacheRecord]) throws -> [CacheRecord] {
        let gone = Set(try images.forget(cacheRecords: records.filter { $0.kind != .cacheMount }.map { Self.key($0.id) }))
        return records.filter { gone.contains(Self.key($0.id)) }
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
