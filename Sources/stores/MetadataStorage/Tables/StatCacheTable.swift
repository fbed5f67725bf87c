package import OCISpec

/// What tells that a file is still the one that was read: where it lies, its size, and its times in nanoseconds.
package struct StatKey: Hashable, Sendable {
    package var device: UInt64
    package var inode: UInt64
    package var size: Int64
    package var modifiedAt: Int64
    package var changedAt: Int64

    package init(device: UInt64, inode: UInt64, size: Int64, modifiedAt: Int64, changedAt: Int64) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modifiedAt = modifiedAt
        self.changedAt = changedAt
    }
}

/// The digests of files that were read before, so that an unchanged file need not be read again.
package struct StatCacheTable: Sendable {
    let connection: Connection

    /// The digest of a file's content, if the file hasn't changed since it was read.
    package func digest(of key: StatKey) throws(MetadataError) -> Digest? {
        let found = try connection.first(
            """
            SELECT digest FROM stat_cache
            WHERE device = ? AND inode = ? AND size = ? AND modified_at = ? AND changed_at = ?
            """,
            SQLValue(bits: key.device),
            SQLValue(bits: key.inode),
            .integer(key.size),
            .integer(key.modifiedAt),
            .integer(key.changedAt)
        ) { $0.blob(0) }
        guard let found, found.count == 32 else { return nil }
        return Digest(sha256: found)
    }

    /// Remembers digests of files whose status was taken before they were read, at `time` or later (nanoseconds since
    /// 1970). Join many into one transaction.
    ///
    /// A file that was changed just before it was looked at may be changed again without its times showing it, since
    /// they advance in steps: such a file is not remembered.
    package func put(_ entries: [(key: StatKey, digest: Digest)], readAt time: Int64) throws(MetadataError) {
        for (key, digest) in entries where Self.isSettled(key, at: time) {
            guard let bytes = digest.sha256Bytes else { continue }
            try connection.run(
                "INSERT OR REPLACE INTO stat_cache VALUES (?, ?, ?, ?, ?, ?, ?)",
                SQLValue(bits: key.device),
                SQLValue(bits: key.inode),
                .integer(key.size),
                .integer(key.modifiedAt),
                .integer(key.changedAt),
                .blob(bytes),
                .integer(time)
            )
        }
    }

    /// Forgets what was remembered before a time (nanoseconds since 1970); how many files.
    @discardableResult
    package func delete(recordedBefore time: Int64) throws(MetadataError) -> Int {
        try connection.run("DELETE FROM stat_cache WHERE recorded_at < ?", .integer(time))
    }

    package func count() throws(MetadataError) -> Int64 {
        try connection.first("SELECT count(*) FROM stat_cache") { $0.integer(0) } ?? 0
    }

    /// The kernel's own clock ticks every 1 to 10 ms; file systems without nanoseconds every second or two.
    private static func isSettled(_ key: StatKey, at time: Int64) -> Bool {
        let latest = max(key.modifiedAt, key.changedAt)
        let isCoarse = key.changedAt % 1_000_000_000 == 0
        return latest < time - (isCoarse ? 2_000_000_000 : 50_000_000)
    }
}
