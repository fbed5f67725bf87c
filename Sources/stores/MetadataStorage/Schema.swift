/// The database's tables, as the steps that lead to them. A step that was released is never changed: a new one is added.
enum Schema {
    /// How many steps a current database has behind it (`PRAGMA user_version`).
    static var version: Int64 { Int64(steps.count) }

    static let steps = [
        """
        CREATE TABLE images (
            id TEXT PRIMARY KEY,
            manifest_type TEXT NOT NULL,
            manifest_digest TEXT NOT NULL,
            manifest_size INTEGER NOT NULL,
            created_at INTEGER,
            added_at INTEGER NOT NULL,
            size INTEGER NOT NULL,
            parent TEXT
        ) WITHOUT ROWID;
        CREATE TABLE tags (
            name TEXT PRIMARY KEY,
            image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
            tagged_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX tags_by_image ON tags (image);
        CREATE TABLE layers (
            diff_id TEXT PRIMARY KEY,
            blob_type TEXT NOT NULL,
            blob_digest TEXT NOT NULL,
            blob_size INTEGER NOT NULL,
            content_size INTEGER
        ) WITHOUT ROWID;
        CREATE TABLE cache (
            key TEXT PRIMARY KEY,
            result BLOB NOT NULL,
            parts BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            used_at INTEGER NOT NULL,
            size INTEGER NOT NULL
        );
        CREATE INDEX cache_by_use ON cache (used_at);
        CREATE TABLE stat_cache (
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            digest BLOB NOT NULL,
            recorded_at INTEGER NOT NULL,
            PRIMARY KEY (device, inode)
        ) WITHOUT ROWID;
        CREATE TABLE containers (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            image TEXT NOT NULL,
            image_name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            document BLOB NOT NULL
        );
        CREATE TABLE leases (
            id TEXT PRIMARY KEY,
            pid INTEGER NOT NULL,
            process_start INTEGER NOT NULL,
            boot_id TEXT NOT NULL,
            pid_namespace TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE lease_blobs (
            lease TEXT NOT NULL REFERENCES leases (id) ON DELETE CASCADE,
            digest TEXT NOT NULL,
            PRIMARY KEY (lease, digest)
        ) WITHOUT ROWID;
        """,
        // What was remembered before says nothing of attributes.
        """
        DELETE FROM stat_cache;
        ALTER TABLE stat_cache ADD COLUMN attributes BLOB NOT NULL DEFAULT x'';
        CREATE TABLE cache_members (
            key TEXT PRIMARY KEY REFERENCES cache (key) ON DELETE CASCADE,
            members BLOB NOT NULL
        ) WITHOUT ROWID;
        """,
        """
        CREATE TABLE layer_forms (
            diff_id TEXT NOT NULL,
            form TEXT NOT NULL,
            blob_type TEXT NOT NULL,
            blob_digest TEXT NOT NULL,
            blob_size INTEGER NOT NULL,
            PRIMARY KEY (diff_id, form)
        ) WITHOUT ROWID;
        """,
        """
        ALTER TABLE cache ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE cache_steps (
            key TEXT PRIMARY KEY REFERENCES cache (key) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            description TEXT NOT NULL,
            project TEXT NOT NULL,
            place TEXT NOT NULL,
            below TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX cache_steps_by_place ON cache_steps (project, place, kind);
        CREATE INDEX cache_steps_by_description ON cache_steps (description, kind);
        """,
        """
        CREATE TABLE origins (
            repository TEXT NOT NULL,
            digest TEXT NOT NULL,
            image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
            recorded_at INTEGER NOT NULL,
            PRIMARY KEY (repository, digest)
        ) WITHOUT ROWID;
        CREATE INDEX origins_by_image ON origins (image);
        """,
        "ALTER TABLE origins ADD COLUMN publisher TEXT NOT NULL DEFAULT ''",
        """
        CREATE TABLE published (
            repository TEXT NOT NULL,
            manifest_type TEXT NOT NULL,
            manifest_digest TEXT NOT NULL,
            manifest_size INTEGER NOT NULL,
            image TEXT REFERENCES images (id) ON DELETE CASCADE,
            subject TEXT,
            artifact_type TEXT,
            PRIMARY KEY (repository, manifest_digest)
        ) WITHOUT ROWID;
        CREATE INDEX published_by_image ON published (image);
        CREATE INDEX published_by_subject ON published (repository, subject);
        CREATE TABLE published_parts (
            repository TEXT NOT NULL,
            manifest TEXT NOT NULL,
            digest TEXT NOT NULL,
            PRIMARY KEY (repository, manifest, digest),
            FOREIGN KEY (repository, manifest) REFERENCES published (repository, manifest_digest) ON DELETE CASCADE
        ) WITHOUT ROWID;
        CREATE INDEX published_parts_by_digest ON published_parts (repository, digest);
        CREATE TABLE published_tags (
            repository TEXT NOT NULL,
            tag TEXT NOT NULL,
            manifest TEXT NOT NULL,
            PRIMARY KEY (repository, tag),
            FOREIGN KEY (repository, manifest) REFERENCES published (repository, manifest_digest) ON DELETE CASCADE
        ) WITHOUT ROWID;
        CREATE INDEX published_tags_by_manifest ON published_tags (repository, manifest);
        """,
        "CREATE TABLE manifest_lists (name TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID",
        """
        CREATE TABLE networks (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL,
            document BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE endpoints (
            network TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
            container TEXT NOT NULL,
            address INTEGER NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (network, container),
            UNIQUE (network, address)
        ) WITHOUT ROWID;
        CREATE INDEX endpoints_by_container ON endpoints (container);
        """,
        """
        ALTER TABLE endpoints ADD COLUMN address6 BLOB;
        CREATE UNIQUE INDEX endpoints_by_address6 ON endpoints (network, address6) WHERE address6 IS NOT NULL;
        """,
    ]

    /// Brings the database to the current version. Two processes may try at once: the second finds it done.
    static func migrate(_ connection: Connection) throws(MetadataError) {
        let version = try version(of: connection)
        if version == self.version { return }
        guard version < self.version else {
            throw MetadataError(.newer(version: version, known: self.version), path: connection.path)
        }
        guard connection.access == .readWrite else { throw MetadataError(.readOnly, path: connection.path) }
        try writeAhead(connection)
        try connection.execute("BEGIN IMMEDIATE")
        do throws(MetadataError) {
            let current = try Self.version(of: connection)
            for step in steps.dropFirst(Int(current)) { try connection.execute(step) }
            try connection.execute("PRAGMA user_version=\(self.version); COMMIT")
        } catch {
            try? connection.execute("ROLLBACK")  // the first error is the one to tell
            throw error
        }
    }

    private static func version(of connection: Connection) throws(MetadataError) -> Int64 {
        try connection.first("PRAGMA user_version") { $0.integer(0) } ?? 0
    }

    /// Turns to the write-ahead log, which stays with the file. SQLite doesn't wait by itself when two do it at once.
    private static func writeAhead(_ connection: Connection) throws(MetadataError) {
        var attempts = 0
        while true {
            do throws(MetadataError) {
                try connection.run("PRAGMA journal_mode=WAL")
                return
            } catch  where error.reason == .busy && attempts < 200 {
                attempts += 1
                Connection.pause(milliseconds: 10)
            }
        }
    }
}
