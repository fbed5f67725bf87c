package import OCISpec

/// A manifest that somebody pushed to a repository of this store's registry.
package struct PublishedRow: Hashable, Sendable {
    /// The complete repository: `docker.io/library/app`.
    package var repository: String
    /// Type, digest and size; a descriptor's other fields aren't kept.
    package var manifest: Descriptor
    /// The image of the store that it is or belongs to; nil where the store lists none. It goes with that image.
    package var image: Digest?
    /// The manifest that it says something about.
    package var subject: Digest?
    /// What it is, as lists of referrers say.
    package var artifactType: String?

    package init(
        repository: String,
        manifest: Descriptor,
        image: Digest? = nil,
        subject: Digest? = nil,
        artifactType: String? = nil
    ) {
        self.repository = repository
        self.manifest = manifest
        self.image = image
        self.subject = subject
        self.artifactType = artifactType
    }
}

/// What was pushed to this store's registry: manifests as they came, what each refers to, and tags of what the store doesn't
/// list as an image.
package struct PublishedTable: Sendable {
    let connection: Connection
    private static let columns =
        "repository, manifest_type, manifest_digest, manifest_size, image, subject, artifact_type"

    // MARK: - Manifests

    /// Remembers a manifest and the blobs and manifests that it refers to, instead of what was known before; tags stay.
    package func set(_ row: PublishedRow, parts: some Sequence<Digest>) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO published (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (repository, manifest_digest)
            DO UPDATE SET manifest_type = excluded.manifest_type, image = coalesce(excluded.image, image),
            subject = excluded.subject, artifact_type = excluded.artifact_type
            """,
            .text(row.repository),
            .text(row.manifest.mediaType.rawValue),
            .text(row.manifest.digest.description),
            .integer(row.manifest.size),
            SQLValue(row.image?.description),
            SQLValue(row.subject?.description),
            SQLValue(row.artifactType)
        )
        for part in parts {
            try connection.run(
                "INSERT OR IGNORE INTO published_parts (repository, manifest, digest) VALUES (?, ?, ?)",
                .text(row.repository),
                .text(row.manifest.digest.description),
                .text(part.description)
            )
        }
    }

    package func row(repository: String, digest: Digest) throws(MetadataError) -> PublishedRow? {
        try connection.first(
            "SELECT \(Self.columns) FROM published WHERE repository = ? AND manifest_digest = ?",
            .text(repository),
            .text(digest.description),
            as: Self.make
        )
    }

    /// What says something about a manifest, by digest, from after `last` on.
    package func referrers(
        repository: String,
        subject: Digest,
        after last: String = ""
    ) throws(MetadataError) -> [PublishedRow] {
        try connection.rows(
            """
            SELECT \(Self.columns) FROM published WHERE repository = ? AND subject = ? AND manifest_digest > ?
            ORDER BY manifest_digest
            """,
            .text(repository),
            .text(subject.description),
            .text(last),
            as: Self.make
        )
    }

    /// Lets manifests that belong to no image yet go with an image.
    package func adopt(_ digests: [Digest], repository: String, image: Digest) throws(MetadataError) {
        for digest in digests {
            try connection.run(
                "UPDATE published SET image = ? WHERE repository = ? AND manifest_digest = ? AND image IS NULL",
                .text(image.description),
                .text(repository),
                .text(digest.description)
            )
        }
    }

    /// Forgets a manifest with its tags; false if it wasn't there.
    @discardableResult
    package func delete(repository: String, digest: Digest) throws(MetadataError) -> Bool {
        try connection.run(
            "DELETE FROM published WHERE repository = ? AND manifest_digest = ?",
            .text(repository),
            .text(digest.description)
        ) > 0
    }

    /// Whether a manifest of a repository refers to a blob or another manifest.
    package func refers(repository: String, to part: Digest) throws(MetadataError) -> Bool {
        try connection.first(
            "SELECT 1 FROM published_parts WHERE repository = ? AND digest = ? LIMIT 1",
            .text(repository),
            .text(part.description)
        ) { $0.integer(0) } != nil
    }

    /// All manifests and what they refer to: what must stay.
    package func digests() throws(MetadataError) -> Set<Digest> {
        Set(
            try connection.rows("SELECT digest FROM published_parts UNION SELECT manifest_digest FROM published") {
                (row) throws(MetadataError) in try row.digest(0)
            }
        )
    }

    /// The repositories, sorted.
    package func repositories() throws(MetadataError) -> [String] {
        try connection.rows("SELECT DISTINCT repository FROM published ORDER BY repository") { $0.text(0) }
    }

    // MARK: - Tags

    /// Makes a tag stand for a manifest, which must have its row.
    package func setTag(repository: String, tag: String, digest: Digest) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO published_tags (repository, tag, manifest) VALUES (?, ?, ?)
            ON CONFLICT (repository, tag) DO UPDATE SET manifest = excluded.manifest
            """,
            .text(repository),
            .text(tag),
            .text(digest.description)
        )
    }

    /// The manifest that a tag was pushed as.
    package func row(repository: String, tag: String) throws(MetadataError) -> PublishedRow? {
        try connection.first(
            """
            SELECT \(Self.columns) FROM published WHERE repository = ?1 AND manifest_digest =
            (SELECT manifest FROM published_tags WHERE repository = ?1 AND tag = ?2)
            """,
            .text(repository),
            .text(tag),
            as: Self.make
        )
    }

    /// The tags of a repository and the images of their manifests, sorted.
    package func tags(repository: String) throws(MetadataError) -> [(tag: String, manifest: Digest, image: Digest?)] {
        try connection.rows(
            """
            SELECT tag, manifest, image FROM published_tags JOIN published
            ON published.repository = published_tags.repository AND manifest_digest = manifest
            WHERE published_tags.repository = ? ORDER BY tag
            """,
            .text(repository)
        ) { (row) throws(MetadataError) in
            (row.text(0), try row.digest(1), row.isNull(2) ? nil : try row.digest(2))
        }
    }

    /// Removes a tag; false if it wasn't there.
    @discardableResult
    package func deleteTag(repository: String, tag: String) throws(MetadataError) -> Bool {
        try connection.run(
            "DELETE FROM published_tags WHERE repository = ? AND tag = ?",
            .text(repository),
            .text(tag)
        ) > 0
    }

    private static func make(_ row: borrowing Statement) throws(MetadataError) -> PublishedRow {
        PublishedRow(
            repository: row.text(0),
            manifest: try row.descriptor(1),
            image: row.isNull(4) ? nil : try row.digest(4),
            subject: row.isNull(5) ? nil : try row.digest(5),
            artifactType: row.isNull(6) ? nil : row.text(6)
        )
    }
}
