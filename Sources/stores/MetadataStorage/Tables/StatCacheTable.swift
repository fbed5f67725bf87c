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

/// What reading a file gave.
package struct StatContent: Hashable, Sendable {
    /// The 32 bytes of the content's SHA-256.
    package var sha256: [UInt8]
    /// The file's attributes as their reader writes them; empty where it has none.
    package var attributes: [UInt8]

    package init(sha256: [UInt8], attributes: [UInt8] = []) {
        self.sha256 = sha256
        self.attributes = attributes
    }
}

/// What files held that were read before, so that an unchanged file need not be read again.
package struct StatCacheTable: Sendable {
    let connection: Connection

    /// How many rows of other files a scan goes past before it jumps to the next file.
    private static let patience = 32

    /// What files hold that haven't changed since they were read, in the order of `keys`; nil for the others.
    ///
    /// The table is walked once, in its own order, with a jump over each large gap.
    package func contents(of keys: [StatKey]) throws(MetadataError) -> [StatContent?] {
        var found = [StatContent?](repeating: nil, count: keys.count)
        let order = keys.indices.sorted { Self.place(keys[$0]) < Self.place(keys[$1]) }
        var next = 0
        while next < order.count {
            let start = Self.place(keys[order[next]])
            var isAtEnd = true  // of the device's rows
            var passed = 0
            try connection.scan(
                """
                SELECT inode, size, modified_at, changed_at, digest, attributes FROM stat_cache
                WHERE device = ? AND inode >= ? ORDER BY inode
                """,
                .integer(start.device),
                .integer(start.inode)
            ) { row in
                let here = (device: start.device, inode: row.integer(0))
                while next < order.count, Self.place(keys[order[next]]) < here { next += 1 }
                passed += 1
                // Several names of one file stand one after another.
                while next < order.count, Self.place(keys[order[next]]) == here {
                    found[order[next]] = Self.content(of: keys[order[next]], row)
                    next += 1
                    passed = 0
                }
                let isWanted = next < order.count && Self.place(keys[order[next]]).device == start.device
                isAtEnd = isWanted && passed < Self.patience
                return isAtEnd
            }
            while isAtEnd, next < order.count, Self.place(keys[order[next]]).device == start.device { next += 1 }
        }
        return found
    }

    /// SQLite orders numbers with a sign.
    private static func place(_ key: StatKey) -> (device: Int64, inode: Int64) {
        (Int64(bitPattern: key.device), Int64(bitPattern: key.inode))
    }

    private static func content(of key: StatKey, _ row: borrowing Statement) -> StatContent? {
        guard row.integer(1) == key.size, row.integer(2) == key.modifiedAt, row.integer(3) == key.changedAt else {
            return nil
        }
        let content = StatContent(sha256: row.blob(4), attributes: row.blob(5))
        return content.sha256.count == 32 ? content : nil
    }

    /// Remembers what files held whose status was taken before they were read, at `time` or later (nanoseconds since
    /// 1970). Join many into one transaction.
    ///
    /// A file that was changed just before it was looked at may be changed again without its times showing it, since
    /// they advance in steps: such a file is not remembered.
    package func put(_ entries: [(key: StatKey, content: StatContent)], readAt time: Int64) throws(MetadataError) {
        for (key, content) in entries where Self.isSettled(key, at: time) {
            try connection.run(
                "INSERT OR REPLACE INTO stat_cache VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                SQLValue(bits: key.device),
                SQLValue(bits: key.inode),
                .integer(key.size),
                .integer(key.modifiedAt),
                .integer(key.changedAt),
                .blob(content.sha256),
                .integer(time),
                .blob(content.attributes)
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
