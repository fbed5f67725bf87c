import ContainerManagement
import ImageManagement
import OCISpec

/// The columns of `images`.
enum ImageRow {
    static let headers = [
        "ID": "IMAGE ID", "Repository": "REPOSITORY", "Tag": "TAG", "Digest": "DIGEST", "CreatedSince": "CREATED",
        "CreatedAt": "CREATED AT", "Size": "SIZE", "VirtualSize": "SIZE", "SharedSize": "SHARED SIZE",
        "UniqueSize": "UNIQUE SIZE", "Containers": "CONTAINERS",
    ]

    /// A row for each name of an image; for IDs alone, one.
    static func rows(of image: ImageSummary, isWhole: Bool, quiet: Bool, now: Timestamp) -> [TemplateRow] {
        let names = quiet ? [("", "")] : image.rows.map { ($0.repository, $0.tag) }
        let age = image.created.map { (now.epochNanoseconds - $0.epochNanoseconds) }
        return names.map { repository, tag in
            TemplateRow(
                typeName: "*formatter.imageContext",
                fields: [
                    "ID": isWhole ? image.id.description : image.id.short, "Repository": repository, "Tag": tag,
                    "Digest": "<none>", "CreatedSince": age.map { Elapsed.text($0) + " ago" } ?? "N/A",
                    "CreatedAt": image.created.map(GoTime.text) ?? "N/A", "Size": HumanSize.decimal(image.size),
                    "VirtualSize": HumanSize.decimal(image.size, digits: 4), "SharedSize": "N/A", "UniqueSize": "N/A",
                    "Containers": "N/A",
                ]
            )
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
}
