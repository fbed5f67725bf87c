package import OCISpec

/// A row of `history`.
package struct HistoryRow: Sendable, Hashable {
    /// The image's ID for the newest row; nil is shown as `<missing>`, since steps are no images here.
    package var id: Digest?
    /// When the step was made; nil if it doesn't say.
    package var created: Timestamp?
    package var createdBy: String
    /// The content of the step's layer; 0 for a step without one.
    package var size: Int64
    package var comment: String
    /// The tags, for the newest row.
    package var tags: [ImageReference]

    /// The rows of an image, newest first.
    ///
    /// `sizes` are the contents of the layers, base first.
    package static func rows(of image: Image, sizes: [Int64]) -> [HistoryRow] {
        var remaining = sizes[...]
        var rows = image.config.value.history.map { step in
            HistoryRow(
                created: step.created.flatMap { try? Timestamp($0) },  // an odd time is shown as none
                createdBy: step.createdBy ?? "",
                size: step.isEmptyLayer ? 0 : remaining.popFirst() ?? 0,
                comment: step.comment ?? "",
                tags: []
            )
        }
        rows.reverse()
        if !rows.isEmpty {
            rows[0].id = image.listedID
            rows[0].tags = image.names
        }
        return rows
    }

    init(created: Timestamp?, createdBy: String, size: Int64, comment: String, tags: [ImageReference]) {
        self.created = created
        self.createdBy = createdBy
        self.size = size
        self.comment = comment
        self.tags = tags
    }
}
