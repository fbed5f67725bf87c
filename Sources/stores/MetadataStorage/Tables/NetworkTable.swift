/// A network for containers, as far as it can be found by.
package struct NetworkRow: Hashable, Sendable {
    /// 64 hexadecimal digits.
    package var id: String
    package var name: String
    /// In nanoseconds since 1970.
    package var createdAt: Int64
    /// Everything else, as its owner writes it.
    package var document: [UInt8]

    package init(id: String, name: String, createdAt: Int64, document: [UInt8]) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
        self.document = document
    }
}

/// A container's place on a network.
package struct EndpointRow: Hashable, Sendable {
    package var network: String
    package var container: String
    /// An address of version 4; nobody else on the network has it.
    package var address: UInt32
    /// An address of version 6, sixteen bytes; nobody else on the network has it. nil where it has none.
    package var ipv6: [UInt8]?
    package var document: [UInt8]

    package init(network: String, container: String, address: UInt32, ipv6: [UInt8]? = nil, document: [UInt8]) {
        self.network = network
        self.container = container
        self.address = address
        self.ipv6 = ipv6
        self.document = document
    }
}

/// The networks, and which containers are on them.
package struct NetworkTable: Sendable {
    let connection: Connection
    private static let columns = "id, name, created_at, document"
    private static let endpointColumns = "network, container, address, address6, document"

    /// Adds a network; a taken name is a conflict, in Docker's words.
    package func insert(_ row: NetworkRow) throws(MetadataError) {
        do throws(MetadataError) {
            try connection.run(
                "INSERT INTO networks (\(Self.columns)) VALUES (?, ?, ?, ?)",
                .text(row.id),
                .text(row.name),
                .integer(row.createdAt),
                .blob(row.document)
            )
        } catch {
            guard case .conflict = error.reason else { throw error }
            throw MetadataError(.conflict("network with name \(row.name) already exists"))
        }
    }

    /// The network with this ID, this name, or the only one whose ID begins so; an error if several do.
    package func row(_ text: String) throws(MetadataError) -> NetworkRow? {
        try connection.row(of: "networks", Self.columns, id: text, name: text, as: Self.make)
    }

    /// All networks, by name.
    package func all() throws(MetadataError) -> [NetworkRow] {
        try connection.rows("SELECT \(Self.columns) FROM networks ORDER BY name", as: Self.make)
    }

    /// Removes a network by its whole ID, with what is on it.
    @discardableResult
    package func delete(_ id: String) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM networks WHERE id = ?", .text(id)) > 0
    }

    // MARK: - Who is on them

    /// Gives a container its place; a taken address or a second place on one network is a conflict.
    package func insert(_ row: EndpointRow) throws(MetadataError) {
        try connection.run(
            "INSERT INTO endpoints (\(Self.endpointColumns)) VALUES (?, ?, ?, ?, ?)",
            .text(row.network),
            .text(row.container),
            .integer(Int64(row.address)),
            row.ipv6.map { SQLValue.blob($0) } ?? .null,
            .blob(row.document)
        )
    }

    /// Changes what is kept of a place; nothing where there is none.
    package func update(_ row: EndpointRow) throws(MetadataError) {
        try connection.run(
            "UPDATE endpoints SET document = ? WHERE network = ? AND container = ?",
            .blob(row.document),
            .text(row.network),
            .text(row.container)
        )
    }

    /// Every place, by network and address.
    package func endpoints() throws(MetadataError) -> [EndpointRow] {
        try connection.rows(
            "SELECT \(Self.endpointColumns) FROM endpoints ORDER BY network, address",
            as: Self.makeEndpoint
        )
    }

    /// The places of one container.
    package func endpoints(of container: String) throws(MetadataError) -> [EndpointRow] {
        try connection.rows(
            "SELECT \(Self.endpointColumns) FROM endpoints WHERE container = ? ORDER BY network",
            .text(container),
            as: Self.makeEndpoint
        )
    }

    /// Frees the place of a container on a network, or all that it has.
    package func deleteEndpoints(of container: String, on network: String? = nil) throws(MetadataError) {
        guard let network else {
            try connection.run("DELETE FROM endpoints WHERE container = ?", .text(container))
            return
        }
        try connection.run(
            "DELETE FROM endpoints WHERE container = ? AND network = ?",
            .text(container),
            .text(network)
        )
    }

    private static func make(_ row: borrowing Statement) throws(MetadataError) -> NetworkRow {
        NetworkRow(id: row.text(0), name: row.text(1), createdAt: row.integer(2), document: row.blob(3))
    }

    private static func makeEndpoint(_ row: borrowing Statement) throws(MetadataError) -> EndpointRow {
        EndpointRow(
            network: row.text(0),
            container: row.text(1),
            address: UInt32(truncatingIfNeeded: row.integer(2)),
            ipv6: row.isNull(3) ? nil : row.blob(3),
            document: row.blob(4)
        )
    }
}
