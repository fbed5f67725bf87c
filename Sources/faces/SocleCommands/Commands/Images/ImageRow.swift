import ContainerManagement
import ImageManagement
import OCISpec

/// The columns of `images`.
enum ImageRow {
    static let headers = [
        "ID": "IMAGE ID", "Repository": "REPOSITORY", "Tag": "TAG", "Digest": "DIGEST", "CreatedSince": "CREATED",
        "CreatedAt": "CREATED AT", "Size": "SIZE", "VirtualSize": "SIZE", "SharedSize": "SHARED SIZE",
        "UniqueSize": "UNIQUE SIZE", "Containers": "CONTAINERS", "Publisher": "PUBLISHER",
    ]

    /// A row for each name of an image.
    ///
    /// - Parameter tellsPublisher: whether there is a column that Docker hasn't.
    static func rows(
        of image: ImageSummary,
        isWhole: Bool,
        tellsPublisher: Bool = false,
        now: Timestamp
    ) -> [TemplateRow] {
        let age = image.created.map { GoTime.ago($0, now: now) } ?? "N/A"
        return image.rows.map { repository, tag in
            let origin = image.origin(of: repository)
            var row = TemplateRow(
                typeName: "*formatter.imageContext",
                fields: [
                    "ID": isWhole ? image.id.description : image.id.short, "Repository": repository, "Tag": tag,
                    "Digest": origin?.digest.description ?? "<none>", "CreatedSince": age,
                    "CreatedAt": image.created.map(GoTime.text) ?? "N/A", "Size": HumanSize.decimal(image.size),
                    "VirtualSize": HumanSize.decimal(image.size, digits: 4), "SharedSize": "N/A", "UniqueSize": "N/A",
                    "Containers": "N/A",
                ]
            )
            if tellsPublisher { row.fields["Publisher"] = origin?.publisher ?? "" }
            return row
        }
    }
}

/// Moments as Go's `time.Time` prints them.
enum GoTime {
    /// `2024-05-06 07:08:09 +0000 UTC`.
    static func text(_ time: Timestamp) -> String {
        let whole = Timestamp(epochSeconds: time.seconds).text
        return whole.dropLast().split(separator: "T").joined(separator: " ") + " +0000 UTC"
    }

    /// `2 weeks ago`, for any moment that a document may claim: the year 1 too.
    static func ago(_ time: Timestamp, now: Timestamp) -> String {
        let (passed, overflow) = now.epochNanoseconds.subtractingReportingOverflow(time.epochNanoseconds)
        return Elapsed.text(overflow ? .max : passed) + " ago"
    }
}
