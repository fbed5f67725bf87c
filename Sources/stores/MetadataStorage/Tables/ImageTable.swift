package import OCISpec

/// What the store knows of an image without opening its documents.
package struct ImageRow: Hashable, Sendable {
    /// The config's digest.
    package var id: Digest
    /// Type, digest and size of the manifest; a descriptor's other fields aren't kept.
    package var manifest: Descriptor
    /// When it was made, in nanoseconds since 1970; nil if the config doesn't say.
    package var createdAt: Int64?
    /// When it came into this store, in nanoseconds since 1970.
    package var addedAt: Int64
    /// The sum of the uncompressed layers, in bytes.
    package var size: Int64
    /// The image that it was made from, where that is known.
    package var parent: Digest?

    package init(
        id: Digest,
        manifest: Descriptor,
        createdAt: Int64?,
        addedAt: Int64,
        size: Int64,
        parent: Digest? = nil
    ) {
        self.id = id
        self.manifest = manifest
        self.createdAt = createdAt
        self.addedAt = addedAt
        self.size = size
        self.parent = parent
    }
}

/// The images, by ID.
package struct ImageTable: Sendable {
    let connection: Connection
    private static let columns =
        "id, manifest_type, manifest_digest, manifest_size, created_at, added_at, size, parent"

    /// Adds an image, or replaces what was known of it; its tags stay.
    package func upsert(_ row: ImageRow) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO images (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
            manifest_type = excluded.manifest_type, manifest_digest = excluded.manifest_digest,
            manifest_size = excluded.manifest_size, created_at = excluded.created_at, added_at = excluded.added_at,
            size = excluded.size, parent = coalesce(excluded.parent, parent)
            """,
            .text(row.id.description),
            .text(row.manifest.mediaType.rawValue),
            .text(row.manifest.digest.description),
            .integer(row.manifest.size),
            SQLValue(row.createdAt),
            .integer(row.addedAt),
            .integer(row.size),
            SQLValue(row.parent?.description)
        )
    }

    package func row(_ id: Digest) throws(MetadataError) -> ImageRow? {
        try connection.first(
            "SELECT \(Self.columns) FROM images WHERE id = ?",
            .text(id.description),
            as: Self.make
        )
    }

    /// All images, newest first.
    package func all() throws(MetadataError) -> [ImageRow] {
        try connection.rows(
            "SELECT \(Self.columns) FROM images ORDER BY coalesce(created_at, added_at) DESC, id",
            as: Self.make
        )
    }

    /// The images that were made from this one.
    package func children(of id: Digest) throws(MetadataError) -> [ImageRow] {
        try connection.rows(
            "SELECT \(Self.columns) FROM images WHERE parent = ? ORDER BY id",
            .text(id.description),
            as: Self.make
        )
    }

    /// The IDs that begin so, at most two: none, the one, or "ambiguous". Takes hexadecimal digits with or without
    /// `sha256:`.
    package func find(idPrefix prefix: String) throws(MetadataError) -> [Digest] {
        let hex = prefix.hasPrefix("sha256:") ? prefix.dropFirst(7) : prefix[...]
        guard !hex.isEmpty, hex.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            return []
        }
        // "g" comes after every digit, so this is the range of all IDs with the prefix.
        return try connection.rows(
            "SELECT id FROM images WHERE id >= ? AND id < ? ORDER BY id LIMIT 2",
            .text("sha256:\(hex)"),
            .text("sha256:\(hex)g")
        ) { (statement) throws(MetadataError) in try statement.digest(0) }
    }

    /// Removes an image and its tags; false if it wasn't there.
    @discardableResult
    package func delete(_ id: Digest) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM images WHERE id = ?", .text(id.description)) > 0
    }

    private static func make(_ statement: borrowing Statement) throws(MetadataError) -> ImageRow {
        ImageRow(
            id: try statement.digest(0),
            manifest: try statement.descriptor(1),
            createdAt: statement.optionalInteger(4),
            addedAt: statement.integer(5),
            size: statement.integer(6),
            parent: statement.isNull(7) ? nil : try statement.digest(7)
        )
    }
}

extension Statement {
    /// A digest; anything else in its column is damage.
    func digest(_ column: Int) throws(MetadataError) -> Digest {
        do { return try Digest(text(column)) } catch { throw MetadataError(.corrupt(error.description)) }
    }

    /// A blob's type, digest and size in three columns.
    func descriptor(_ column: Int) throws(MetadataError) -> Descriptor {
        Descriptor(
            mediaType: MediaType(rawValue: text(column)),
            digest: try digest(column + 1),
            size: integer(column + 2)
        )
    }
}
