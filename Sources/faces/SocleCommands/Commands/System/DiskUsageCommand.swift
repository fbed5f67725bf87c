import ContainerManagement
import ImageManagement
import SocleEngine

/// `socle system df`.
struct DiskUsageCommand: Command {
    static let usage = Usage("", 0...0, "Show disk usage of the store")
    static var flags: [Flag<Self>] {
        Flag.value("format", \.format, "Format output: 'table', 'table TEMPLATE', 'json' or a Go template")
        Flag.refused("verbose", short: "v", takesValue: false)
    }
    static let headers = [
        "Type": "TYPE", "TotalCount": "TOTAL", "Active": "ACTIVE", "Size": "SIZE", "Reclaimable": "RECLAIMABLE",
    ]
    static let standard = "table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}"
    var operands: [String] = []
    var format: String?

    func run(in session: Session) throws -> ExitCode {
        let listing = try Listing(format, standard: Self.standard, Self.headers)
        session.output.write(try listing.text(Self.rows(try session.engine().diskUsage())))
        return .success
    }

    static func rows(_ usage: DiskUsage) -> [TemplateRow] {
        [
            row(
                "Images",
                total: usage.images.count,
                active: usage.activeImages,
                size: usage.layersSize,
                reclaimable: usage.reclaimable
            ),
            row(
                "Build Cache",
                total: usage.cache.records,
                active: usage.cache.activeRecords,
                size: usage.cache.size,
                reclaimable: usage.cache.reclaimable,
                showsShare: false
            ),
        ]
    }

    private static func row(
        _ type: String,
        total: Int,
        active: Int,
        size: Int64,
        reclaimable: Int64,
        showsShare: Bool = true
    ) -> TemplateRow {
        let share = showsShare && size > 0 ? " (\(reclaimable * 100 / size)%)" : ""
        return TemplateRow(
            typeName: "*formatter.diskUsageContext",
            fields: [
                "Type": type, "TotalCount": String(total), "Active": String(active),
                "Size": HumanSize.decimal(size, digits: 4),
                "Reclaimable": HumanSize.decimal(reclaimable, digits: 4) + share,
            ]
        )
    }
}
