package import OCISpec

/// A container, as far as it can be found by.
package struct ContainerRow: Hashable, Sendable {
    /// 64 hexadecimal digits.
    package var id: String
    package var name: String
    package var image: Digest
    /// The image as the user named it.
    package var imageName: String
    /// In nanoseconds since 1970.
    package var createdAt: Int64
    /// Everything else, as its owner writes it.
    package var document: [UInt8]

    package init(
        id: String,
        name: String,
        image: Digest,
        imageName: String,
        createdAt: Int64,
        document: [UInt8]
    ) {
        self.id = id
        self.name = name
        self.image = image
        self.imageName = imageName
        self.createdAt = createdAt
        self.document = document
    }
}

/// The containers, by ID and by name.
package struct ContainerTable: Sendable {
    let connection: Connection
    private static let columns = "id, name, image, image_name, created_at, document"

    /// Adds a container; a taken name or ID is a conflict, in Docker's words.
    package func insert(_ row: ContainerRow) throws(MetadataError) {
        do throws(MetadataError) {
            try connection.run(
                "INSERT INTO containers (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?)",
                .text(row.id),
                .text(row.name),
                .text(row.image.description),
                .text(row.imageName),
                .integer(row.createdAt),
                .blob(row.document)
            )
        } catch { throw try conflict(error, name: row.name, id: row.id) }
    }

    /// Replaces what is known of a container; false if it isn't there. A taken name is a conflict.
    @discardableResult
    package func update(_ row: ContainerRow) throws(MetadataError) -> Bool {
        do throws(MetadataError) {
            return try connection.run(
                """
                UPDATE containers SET name = ?, image = ?, image_name = ?, created_at = ?, document = ? WHERE id = ?
                """,
                .text(row.name),
                .text(row.image.description),
                .text(row.imageName),
                .integer(row.createdAt),
                .blob(row.document),
                .text(row.id)
            ) > 0
        } catch { throw try conflict(error, name: row.name, id: row.id) }
    }

    /// The container with this ID, this name, or the only one whose ID begins so, in this order; an error if several do.
    package func row(_ text: String) throws(MetadataError) -> ContainerRow? {
        let name = text.hasPrefix("/") ? String(text.dropFirst()) : text
        return try connection.row(of: "containers", Self.columns, id: text, name: name, as: Self.make)
    }

    /// All containers, newest first.
    package func all() throws(MetadataError) -> [ContainerRow] {
        try connection.rows("SELECT \(Self.columns) FROM containers ORDER BY created_at DESC, id", as: Self.make)
    }

    /// Removes a container by its whole ID; false if it wasn't there.
    @discardableResult
    package func delete(_ id: String) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM containers WHERE id = ?", .text(id)) > 0
    }

    private func conflict(_ error: MetadataError, name: String, id: String) throws(MetadataError) -> MetadataError {
        guard case .conflict = error.reason else { return error }
        let holder = try connection.first("SELECT id FROM containers WHERE name = ?", .text(name)) { $0.text(0) }
        guard let holder else { return MetadataError(.conflict("container \"\(id)\" exists already")) }
        return MetadataError(
            .conflict(
                "Conflict. The container name \"/\(name)\" is already in use by container \"\(holder)\". "
                    + "You have to remove (or rename) that container to be able to reuse that name."
            )
        )
    }

    private static func make(_ row: borrowing Statement) throws(MetadataError) -> ContainerRow {
        ContainerRow(
            id: row.text(0),
            name: row.text(1),
            image: try row.digest(2),
            imageName: row.text(3),
            createdAt: row.integer(4),
            document: row.blob(5)
        )
    }
}
