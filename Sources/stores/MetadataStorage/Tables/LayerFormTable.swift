package import OCISpec

/// Other forms in which a layer was written: compressed in some way, so that it is compressed once.
///
/// A row whose blob isn't in the store any more counts as absent: making it again gives the same bytes.
package struct LayerFormTable: Sendable {
    let connection: Connection

    /// Remembers the blob that holds a layer in a form, whose name is its maker's business.
    package func set(_ diffID: Digest, form: String, _ blob: Descriptor) throws(MetadataError) {
        try connection.run(
            "INSERT OR REPLACE INTO layer_forms (diff_id, form, blob_type, blob_digest, blob_size) VALUES (?, ?, ?, ?, ?)",
            .text(diffID.description),
            .text(form),
            .text(blob.mediaType.rawValue),
            .text(blob.digest.description),
            .integer(blob.size)
        )
    }

    /// The blob that holds a layer in a form.
    package func blob(_ diffID: Digest, form: String) throws(MetadataError) -> Descriptor? {
        try connection.first(
            "SELECT blob_type, blob_digest, blob_size FROM layer_forms WHERE diff_id = ? AND form = ?",
            .text(diffID.description),
            .text(form)
        ) { (row) throws(MetadataError) in try row.descriptor(0) }
    }

    /// The blobs of all forms of all layers, by diff ID.
    package func all() throws(MetadataError) -> [(diffID: Digest, blob: Descriptor)] {
        try connection.rows("SELECT diff_id, blob_type, blob_digest, blob_size FROM layer_forms ORDER BY diff_id, form")
        {
            (row) throws(MetadataError) in (try row.digest(0), try row.descriptor(1))
        }
    }

    /// Forgets all forms of a layer.
    package func delete(_ diffID: Digest) throws(MetadataError) {
        try connection.run("DELETE FROM layer_forms WHERE diff_id = ?", .text(diffID.description))
    }
}
