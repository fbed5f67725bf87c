package import OCISpec

/// An image and a place where a registry has it, by digest: it was pulled from there or pushed there.
package struct OriginRow: Hashable, Sendable {
    /// The complete repository: `docker.io/library/debian`.
    package var repository: String
    /// Of the manifest or index that the repository has.
    package var digest: Digest
    package var image: Digest
    /// In nanoseconds since 1970.
    package var recordedAt: Int64
    /// Who publishes the repository, as it was said then; nil where nobody was asked.
    package var publisher: String?
}

/// Where registries have the images of the store: Docker's `RepoDigests`.
package struct OriginTable: Sendable {
    let connection: Connection

    /// Remembers that a repository has an image, which must have its row. A publisher that is known stays until another one
    /// is told.
    package func set(
        repository: String,
        digest: Digest,
        image: Digest,
        publisher: String? = nil,
        at time: Int64 = Timestamp.now.epochNanoseconds
    ) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO origins (repository, digest, image, recorded_at, publisher) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (repository, digest) DO UPDATE SET image = excluded.image, recorded_at = excluded.recorded_at,
            publisher = CASE excluded.publisher WHEN '' THEN publisher ELSE excluded.publisher END
            """,
            .text(repository),
            .text(digest.description),
            .text(image.description),
            .integer(time),
            .text(publisher ?? "")
        )
    }

    /// The image that a repository has under a digest.
    package func image(repository: String, digest: Digest) throws(MetadataError) -> Digest? {
        try connection.first(
            "SELECT image FROM origins WHERE repository = ? AND digest = ?",
            .text(repository),
            .text(digest.description)
        ) { (row) throws(MetadataError) in try row.digest(0) }
    }

    /// Where an image is, sorted.
    package func rows(of image: Digest) throws(MetadataError) -> [OriginRow] {
        try connection.rows(
            "SELECT repository, digest, image, recorded_at, publisher FROM origins WHERE image = ? ORDER BY repository, digest",
            .text(image.description),
            as: Self.make
        )
    }

    /// Everything, sorted.
    package func all() throws(MetadataError) -> [OriginRow] {
        try connection.rows(
            "SELECT repository, digest, image, recorded_at, publisher FROM origins ORDER BY repository, digest",
            as: Self.make
        )
    }

    /// Forgets that a repository has an image; false if nobody knew.
    @discardableResult
    package func delete(repository: String, digest: Digest) throws(MetadataError) -> Bool {
        try connection.run(
            "DELETE FROM origins WHERE repository = ? AND digest = ?",
            .text(repository),
            .text(digest.description)
        ) > 0
    }

    /// Forgets all that a repository has of an image; how much that was.
    @discardableResult
    package func delete(repository: String, image: Digest) throws(MetadataError) -> Int {
        try connection.run(
            "DELETE FROM origins WHERE repository = ? AND image = ?",
            .text(repository),
            .text(image.description)
        )
    }

    private static func make(_ row: borrowing Statement) throws(MetadataError) -> OriginRow {
        let publisher = row.text(4)
        return OriginRow(
            repository: row.text(0),
            digest: try row.digest(1),
            image: try row.digest(2),
            recordedAt: row.integer(3),
            publisher: publisher.isEmpty ? nil : publisher
        )
    }
}
