extension Connection {
    /// The row of a table with `id` and `name` that has this ID, this name, or the only one whose ID begins so, in this order;
    /// an error if several do.
    func row<Row>(
        of table: String,
        _ columns: String,
        id text: String,
        name: String,
        as make: (borrowing Statement) throws(MetadataError) -> Row
    ) throws(MetadataError) -> Row? {
        let select = "SELECT \(columns) FROM \(table) WHERE"
        if let exact = try first(
            "\(select) id = ? OR name = ? ORDER BY id = ? DESC",
            .text(text),
            .text(name),
            .text(text),
            as: make
        ) {
            return exact
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            return nil
        }
        let found = try rows("\(select) id >= ? AND id < ? LIMIT 2", .text(text), .text(text + "g"), as: make)
        if found.count > 1 { throw MetadataError(.ambiguous(text)) }
        return found.first
    }
}
