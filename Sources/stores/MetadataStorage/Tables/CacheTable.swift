private import OCISpec

/// A result that was built before.
package struct CacheRow: Hashable, Sendable {
    /// One thing that the key is made of, by name: a miss can say which part differs.
    package struct Part: Hashable, Sendable, Codable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var key: String
    /// The result as its maker writes it.
    package var result: [UInt8]
    package var parts: [Part]
    /// In nanoseconds since 1970, as the next.
    package var createdAt: Int64
    package var usedAt: Int64
    /// What the result takes on disk, in bytes.
    package var size: Int64

    package init(
        key: String,
        result: [UInt8],
        parts: [Part],
        createdAt: Int64,
        usedAt: Int64,
        size: Int64
    ) {
        self.key = key
        self.result = result
        self.parts = parts
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.size = size
    }
}

/// The build cache.
package struct CacheTable: Sendable {
    let connection: Connection
    private static let columns = "key, result, parts, created_at, used_at, size"

    /// Records a result, instead of an older one with the same key.
    package func put(_ row: CacheRow) throws(MetadataError) {
        let parts: [UInt8]
        do { parts = try JSON.encode(row.parts) } catch {
            throw MetadataError(.sqlite(code: 0, message: error.description))
        }
        try connection.run(
            "INSERT OR REPLACE INTO cache (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?)",
            .text(row.key),
            .blob(row.result),
            .blob(parts),
            .integer(row.createdAt),
            .integer(row.usedAt),
            .integer(row.size)
        )
    }

    package func row(_ key: String) throws(MetadataError) -> CacheRow? {
        try connection.first("SELECT \(Self.columns) FROM cache WHERE key = ?", .text(key), as: Self.make)
    }

    /// Keeps what a result's parts have only the digest of, as its maker writes it; the result must be recorded.
    package func putMembers(_ members: [UInt8], for key: String) throws(MetadataError) {
        try connection.run("INSERT OR REPLACE INTO cache_members VALUES (?, ?)", .text(key), .blob(members))
    }

    /// What `putMembers` kept for a result; nil where there is nothing.
    package func members(of key: String) throws(MetadataError) -> [UInt8]? {
        try connection.first("SELECT members FROM cache_members WHERE key = ?", .text(key)) { $0.blob(0) }
    }

    /// Notes that a result was used.
    package func touch(_ key: String, at time: Int64 = Timestamp.now.epochNanoseconds) throws(MetadataError) {
        try connection.run("UPDATE cache SET used_at = max(used_at, ?) WHERE key = ?", .integer(time), .text(key))
    }

    /// All results, the one that was used longest ago first.
    package func all() throws(MetadataError) -> [CacheRow] {
        try connection.rows("SELECT \(Self.columns) FROM cache ORDER BY used_at, key", as: Self.make)
    }

    @discardableResult
    package func delete(_ key: String) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM cache WHERE key = ?", .text(key)) > 0
    }

    /// Removes all results; how many there were.
    @discardableResult
    package func deleteAll() throws(MetadataError) -> Int { try connection.run("DELETE FROM cache") }

    /// Of the results used last, the one that shares the most parts with these, to tell why there was a miss; nil if
    /// none shares any. The first part (the kind of step) must be the same.
    package func nearest(to parts: [CacheRow.Part], among limit: Int = 1000) throws(MetadataError) -> CacheRow? {
        guard let first = parts.first else { return nil }
        let wanted = Set(parts)
        let recent = try connection.rows(
            "SELECT \(Self.columns) FROM cache ORDER BY used_at DESC LIMIT ?",
            .integer(Int64(limit)),
            as: Self.make
        )
        var best: (shared: Int, row: CacheRow)?
        for row in recent where row.parts.first == first {
            let shared = row.parts.count { wanted.contains($0) }
            if shared > best?.shared ?? 0 { best = (shared, row) }
        }
        return best?.row
    }

    private static func make(_ row: borrowing Statement) throws(MetadataError) -> CacheRow {
        let parts: [CacheRow.Part]
        do { parts = try JSON.decode([CacheRow.Part].self, from: row.blob(2)) } catch {
            throw MetadataError(.corrupt("cache parts: \(error)"))
        }
        return CacheRow(
            key: row.text(0),
            result: row.blob(1),
            parts: parts,
            createdAt: row.integer(3),
            usedAt: row.integer(4),
            size: row.integer(5)
        )
    }
}
