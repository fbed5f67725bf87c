package import LinuxSystem

/// A database of SQLite's that somebody else made, and that may be hostile: only a plain table of it is read, and nothing that its
/// schema says is run.
package struct ForeignDatabase {
    private let connection: Connection

    /// Opens a file that nobody changes meanwhile.
    package init(_ file: borrowing OwnedDescriptor) throws(MetadataError) {
        connection = try Connection("/proc/self/fd/\(file.raw)", .immutable)
        try connection.execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA query_only=ON")
    }

    /// The bytes in a column of every row of a table, as many as fit into `limit`; nil where there is no such table.
    ///
    /// Both names are the caller's own.
    package func blobs(_ column: String, of table: String, limit: Int) throws(MetadataError) -> [[UInt8]]? {
        let definition = try connection.first(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?",
            .text(table)
        ) { $0.text(0) }
        guard let definition, Self.isPlain(definition) else { return nil }
        var found: [[UInt8]] = []
        var left = limit
        try connection.scan("SELECT \"\(column)\" FROM \"\(table)\"") { row in
            let bytes = row.blob(0)
            left -= bytes.count + 64
            if left < 0 { return false }
            found.append(bytes)
            return true
        }
        return found
    }

    /// A table of columns: neither virtual, nor with columns that are worked out, which would want a second parenthesis.
    private static func isPlain(_ definition: String) -> Bool {
        definition.uppercased().hasPrefix("CREATE TABLE ")
            && definition.utf8.count(where: { $0 == UInt8(ascii: "(") }) == 1
    }
}
