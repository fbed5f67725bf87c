/// Manifest lists that people put together before they push them: by name, as documents that are their maker's business.
package struct ManifestListTable: Sendable {
    let connection: Connection

    /// Stores a list under its complete name, instead of the one that had it.
    package func set(_ name: String, _ document: [UInt8]) throws(MetadataError) {
        try connection.run(
            "INSERT OR REPLACE INTO manifest_lists (name, document) VALUES (?, ?)",
            .text(name),
            .blob(document)
        )
    }

    /// The list of that name.
    package func document(_ name: String) throws(MetadataError) -> [UInt8]? {
        try connection.first("SELECT document FROM manifest_lists WHERE name = ?", .text(name)) { $0.blob(0) }
    }

    /// Removes a list; false where there is none.
    package func delete(_ name: String) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM manifest_lists WHERE name = ?", .text(name)) > 0
    }
}
