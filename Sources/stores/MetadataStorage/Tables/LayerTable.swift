package import OCISpec

/// Where the layer with a diff ID lies.
package struct LayerRow: Hashable, Sendable {
    /// The digest of the uncompressed layer.
    package var diffID: Digest
    /// Type, digest and size of the blob that holds it.
    package var blob: Descriptor
    /// The sum of its files as Docker counts it, in bytes; nil where nobody has counted.
    package var contentSize: Int64?

    package init(diffID: Digest, blob: Descriptor, contentSize: Int64? = nil) {
        self.diffID = diffID
        self.blob = blob
        self.contentSize = contentSize
    }
}

/// The layers, by diff ID.
package struct LayerTable: Sendable {
    let connection: Connection

    private static let columns = "diff_id, blob_type, blob_digest, blob_size, content_size"

    /// Remembers where a layer lies, instead of what was known before; a count of its files stays.
    package func set(_ row: LayerRow) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO layers (\(Self.columns)) VALUES (?, ?, ?, ?, ?) ON CONFLICT (diff_id) DO UPDATE SET
            blob_type = excluded.blob_type, blob_digest = excluded.blob_digest, blob_size = excluded.blob_size,
            content_size = coalesce(excluded.content_size, content_size)
            """,
            .text(row.diffID.description),
            .text(row.blob.mediaType.rawValue),
            .text(row.blob.digest.description),
            .integer(row.blob.size),
            SQLValue(row.contentSize)
        )
    }

    package func row(_ diffID: Digest) throws(MetadataError) -> LayerRow? {
        try connection.first(
            "SELECT \(Self.columns) FROM layers WHERE diff_id = ?",
            .text(diffID.description),
            as: Self.make
        )
    }

    /// The blob that holds a layer.
    package func blob(for diffID: Digest) throws(MetadataError) -> Descriptor? {
        try connection.first(
            "SELECT blob_type, blob_digest, blob_size FROM layers WHERE diff_id = ?",
            .text(diffID.description)
        ) { (row) throws(MetadataError) in try row.descriptor(0) }
    }

    package func all() throws(MetadataError) -> [LayerRow] {
        try connection.rows("SELECT \(Self.columns) FROM layers ORDER BY diff_id", as: Self.make)
    }

    @discardableResult
    package func delete(_ diffID: Digest) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM layers WHERE diff_id = ?", .text(diffID.description)) > 0
    }

    private static func make(_ row: borrowing Statement) throws(MetadataError) -> LayerRow {
        LayerRow(diffID: try row.digest(0), blob: try row.descriptor(1), contentSize: row.optionalInteger(4))
    }
}
