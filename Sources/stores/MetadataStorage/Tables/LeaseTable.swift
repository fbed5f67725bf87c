package import OCISpec

/// Work of one process, whose blobs nobody removes before it has named them or is gone.
package struct LeaseRow: Hashable, Sendable {
    package var id: String
    package var owner: ProcessIdentity
    /// In nanoseconds since 1970, as the next.
    package var createdAt: Int64
    /// Only counts where nobody can know whether the owner lives.
    package var expiresAt: Int64
}

/// The leases, and the blobs that they hold.
package struct LeaseTable: Sendable {
    let connection: Connection

    /// Begins a lease of this process. Without `/proc`, it holds until it expires.
    package func create(
        owner: ProcessIdentity? = .current,
        lifetimeSeconds: Int64 = 24 * 3600
    ) throws(MetadataError) -> LeaseRow {
        let unknown = ProcessIdentity(pid: 0, start: 0, bootID: "", pidNamespace: "")
        let now = Timestamp.now.epochNanoseconds
        let row = LeaseRow(
            id: String(UInt64.random(in: .min ... .max), radix: 36),
            owner: owner ?? unknown,
            createdAt: now,
            expiresAt: now + lifetimeSeconds * 1_000_000_000
        )
        try connection.run(
            "INSERT INTO leases VALUES (?, ?, ?, ?, ?, ?, ?)",
            .text(row.id),
            .integer(row.owner.pid),
            SQLValue(bits: row.owner.start),
            .text(row.owner.bootID),
            .text(row.owner.pidNamespace),
            .integer(row.createdAt),
            .integer(row.expiresAt)
        )
        return row
    }

    /// Holds a blob until the lease ends. Lease first, then look whether the blob is there: so it can't vanish between.
    package func add(_ lease: LeaseRow, _ digest: Digest) throws(MetadataError) {
        try connection.run(
            "INSERT OR IGNORE INTO lease_blobs (lease, digest) VALUES (?, ?)",
            .text(lease.id),
            .text(digest.description)
        )
    }

    /// Ends a lease: what it held and nobody named may be removed.
    package func delete(_ lease: LeaseRow) throws(MetadataError) {
        try connection.run("DELETE FROM leases WHERE id = ?", .text(lease.id))
    }

    package func all() throws(MetadataError) -> [LeaseRow] {
        try connection.rows(
            """
            SELECT id, pid, process_start, boot_id, pid_namespace, created_at, expires_at FROM leases
            ORDER BY created_at, id
            """
        ) { row in
            LeaseRow(
                id: row.text(0),
                owner: ProcessIdentity(
                    pid: row.integer(1),
                    start: row.bits(2),
                    bootID: row.text(3),
                    pidNamespace: row.text(4)
                ),
                createdAt: row.integer(5),
                expiresAt: row.integer(6)
            )
        }
    }

    /// The blobs that somebody at work holds.
    package func liveDigests() throws(MetadataError) -> Set<Digest> {
        let live = Set(try all().filter(Self.isLive).map(\.id))
        let held = try connection.rows("SELECT lease, digest FROM lease_blobs") { (row) throws(MetadataError) in
            (row.text(0), try row.digest(1))
        }
        return Set(held.filter { live.contains($0.0) }.map(\.1))
    }

    /// Ends the leases of processes that are gone; how many.
    @discardableResult
    package func sweepDead() throws(MetadataError) -> Int {
        var count = 0
        for lease in try all() where !Self.isLive(lease) {
            try delete(lease)
            count += 1
        }
        return count
    }

    private static func isLive(_ lease: LeaseRow) -> Bool {
        lease.owner.bootID.isEmpty
            ? lease.expiresAt > Timestamp.now.epochNanoseconds
            : lease.owner.isAlive ?? (lease.expiresAt > Timestamp.now.epochNanoseconds)
    }
}
