package import OCISpec

/// A name and the image that it stands for.
package struct TagRow: Hashable, Sendable {
    /// The complete repository and the tag: `docker.io/library/hello:latest`.
    package var name: String
    package var image: Digest
    /// When the name was last set, in nanoseconds since 1970.
    package var taggedAt: Int64
}

/// The names of images.
package struct TagTable: Sendable {
    let connection: Connection

    /// Makes the name stand for an image, which must have its row; what it stood for before loses it.
    package func set(
        name: String,
        image: Digest,
        at time: Int64 = Timestamp.now.epochNanoseconds
    ) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO tags (name, image, tagged_at) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET image = excluded.image, tagged_at = excluded.tagged_at
            """,
            .text(name),
            .text(image.description),
            .integer(time)
        )
    }

    /// The image that a name stands for.
    package func image(_ name: String) throws(MetadataError) -> Digest? {
        try connection.first("SELECT image FROM tags WHERE name = ?", .text(name)) { (row) throws(MetadataError) in
            try row.digest(0)
        }
    }

    /// All names, sorted.
    package func all() throws(MetadataError) -> [TagRow] {
        try connection.rows("SELECT name, image, tagged_at FROM tags ORDER BY name", as: Self.make)
    }

    /// The names of one image, sorted.
    package func names(of image: Digest) throws(MetadataError) -> [String] {
        try connection.rows("SELECT name FROM tags WHERE image = ? ORDER BY name", .text(image.description)) {
            $0.text(0)
        }
    }

    /// The rows of one image's names, sorted.
    package func rows(of image: Digest) throws(MetadataError) -> [TagRow] {
        try connection.rows(
            "SELECT name, image, tagged_at FROM tags WHERE image = ? ORDER BY name",
            .text(image.description),
            as: Self.make
        )
    }

    /// The rows of the tags of one complete repository, sorted.
    package func rows(repository: String) throws(MetadataError) -> [TagRow] {
        // ";" comes after ":", so this is the range of all names with the prefix; a repository has no colon behind its host.
        try connection.rows(
            "SELECT name, image, tagged_at FROM tags WHERE name >= ? AND name < ? ORDER BY name",
            .text("\(repository):"),
            .text("\(repository);"),
            as: Self.make
        )
    }

    /// Removes a name; false if it wasn't there.
    @discardableResult
    package func delete(_ name: String) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM tags WHERE name = ?", .text(name)) > 0
    }

    private static func make(_ row: borrowing Statement) throws(MetadataError) -> TagRow {
        TagRow(name: row.text(0), image: try row.digest(1), taggedAt: row.integer(2))
    }
}
