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

    /// Which step of which build made it: what tells a later build that asks for something else what it was before.
    package struct Step: Hashable, Sendable {
        /// The kind of operation; only records of one kind are compared.
        package var kind: String
        /// The instruction.
        package var description: String
        /// The Dockerfile and its context.
        package var project: String
        /// The stage and the number in it.
        package var place: String
        /// The file system below.
        package var below: String

        package init(kind: String, description: String, project: String, place: String, below: String) {
            self.kind = kind
            self.description = description
            self.project = project
            self.place = place
            self.below = below
        }
    }

    package var key: String
    /// The result as its maker writes it.
    package var result: [UInt8]
    package var parts: [Part]
    /// Nil for one that no step of a Dockerfile made.
    package var step: Step?
    /// In nanoseconds since 1970, as the next.
    package var createdAt: Int64
    package var usedAt: Int64
    /// How often it was used since it was made.
    package var uses: Int64
    /// What the result takes on disk, in bytes.
    package var size: Int64

    package init(
        key: String,
        result: [UInt8],
        parts: [Part],
        step: Step? = nil,
        createdAt: Int64,
        usedAt: Int64,
        uses: Int64 = 0,
        size: Int64
    ) {
        self.key = key
        self.result = result
        self.parts = parts
        self.step = step
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.uses = uses
        self.size = size
    }
}

/// The build cache.
package struct CacheTable: Sendable {
    let connection: Connection
    private static let columns = "key, result, parts, created_at, used_at, size, uses"
    private static let rows = """
        SELECT cache.key, result, parts, created_at, used_at, size, uses, kind, description, project, place, below
        FROM cache LEFT JOIN cache_steps ON cache_steps.key = cache.key
        """

    /// Records a result, instead of an older one with the same key. Join it into a transaction.
    package func put(_ row: CacheRow) throws(MetadataError) {
        let parts: [UInt8]
        do { parts = try JSON.encode(row.parts) } catch {
            throw MetadataError(.sqlite(code: 0, message: error.description))
        }
        try connection.run(
            "INSERT OR REPLACE INTO cache (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
            .text(row.key),
            .blob(row.result),
            .blob(parts),
            .integer(row.createdAt),
            .integer(row.usedAt),
            .integer(row.size),
            .integer(row.uses)
        )
        guard let step = row.step else { return }
        try connection.run(
            "INSERT OR REPLACE INTO cache_steps VALUES (?, ?, ?, ?, ?, ?)",
            .text(row.key),
            .text(step.kind),
            .text(step.description),
            .text(step.project),
            .text(step.place),
            .text(step.below)
        )
    }

    /// The result alone, for a step that asks whether it was done before.
    package func result(of key: String) throws(MetadataError) -> [UInt8]? {
        try connection.first("SELECT result FROM cache WHERE key = ?", .text(key)) { $0.blob(0) }
    }

    package func row(_ key: String) throws(MetadataError) -> CacheRow? {
        try connection.first("\(Self.rows) WHERE cache.key = ?", .text(key), as: Self.make)
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
        try connection.run(
            "UPDATE cache SET used_at = max(used_at, ?), uses = uses + 1 WHERE key = ?",
            .integer(time),
            .text(key)
        )
    }

    /// All results, the one that was used longest ago first.
    package func all() throws(MetadataError) -> [CacheRow] {
        try connection.rows("\(Self.rows) ORDER BY used_at, cache.key", as: Self.make)
    }

    /// All results alone, by key: what keeps blobs from being removed.
    package func results() throws(MetadataError) -> [(key: String, result: [UInt8])] {
        try connection.rows("SELECT key, result FROM cache") { ($0.text(0), $0.blob(1)) }
    }

    @discardableResult
    package func delete(_ key: String) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM cache WHERE key = ?", .text(key)) > 0
    }

    /// Removes all results; how many there were.
    @discardableResult
    package func deleteAll() throws(MetadataError) -> Int { try connection.run("DELETE FROM cache") }

    /// A record that a step may be compared with.
    package struct Candidate: Hashable, Sendable {
        package var key: String
        package var description: String
    }

    /// The records that are most like a step, the best first: of the same instruction, or at the same place of the same
    /// Dockerfile. Of equals the one that was used last comes first; what was made at `time` or later is left out.
    package func candidates(
        for step: CacheRow.Step,
        madeBefore time: Int64,
        limit: Int64 = 16
    ) throws(MetadataError) -> [Candidate] {
        try connection.rows(
            """
            SELECT cache.key, description FROM cache_steps JOIN cache ON cache.key = cache_steps.key
            WHERE kind = ?1 AND (description = ?2 OR (project = ?3 AND place = ?4)) AND created_at < ?6
            ORDER BY (description = ?2) * 4 + (project = ?3) * 4 + (place = ?4) * 2 + (below = ?5) DESC, used_at DESC
            LIMIT ?7
            """,
            .text(step.kind),
            .text(step.description),
            .text(step.project),
            .text(step.place),
            .text(step.below),
            .integer(time),
            .integer(limit)
        ) { Candidate(key: $0.text(0), description: $0.text(1)) }
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
            step: row.isNull(7)
                ? nil
                : CacheRow.Step(
                    kind: row.text(7),
                    description: row.text(8),
                    project: row.text(9),
                    place: row.text(10),
                    below: row.text(11)
                ),
            createdAt: row.integer(3),
            usedAt: row.integer(4),
            uses: row.integer(6),
            size: row.integer(5)
        )
    }
}
