import BuildOperations
import ContainerManagement
import ImageManagement
import OCISpec
import SocleEngine

/// `socle system df`.
struct DiskUsageCommand: Command {
    static let usage = Usage("", 0...0, "Show disk usage of the store")
    static var flags: [Flag<Self>] {
        Flag.value("format", \.format, "Format output: 'table', 'table TEMPLATE', 'json' or a Go template")
        Flag.toggle("verbose", short: "v", \.isVerbose, "Show detailed information on space usage")
    }
    static let headers = [
        "Type": "TYPE", "TotalCount": "TOTAL", "Active": "ACTIVE", "Size": "SIZE", "Reclaimable": "RECLAIMABLE",
    ]
    static let standard = "table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}"
    var operands: [String] = []
    var format: String?
    var isVerbose = false

    func run(in session: Session) throws -> ExitCode {
        if isVerbose { return try DiskUsageDetails(format: format).show(session) }
        let listing = try Listing(format, standard: Self.standard, Self.headers)
        session.output.write(try listing.text(Self.rows(try session.engine().diskUsage())))
        return .success
    }

    static func rows(_ usage: SystemUsage) -> [TemplateRow] {
        let idle = usage.containers.filter { $0.summary.state.word != "running" }
        let unused = usage.volumes.filter { $0.links == 0 }
        let containersSize = usage.containers.reduce(0) { $0 + $1.size }
        let volumesSize = usage.volumes.reduce(0) { $0 + $1.size }
        return [
            row(
                "Images",
                total: usage.images.images.count,
                active: usage.images.activeImages,
                size: usage.images.layersSize,
                reclaimable: usage.images.reclaimable
            ),
            row(
                "Containers",
                total: usage.containers.count,
                active: usage.containers.count - idle.count,
                size: containersSize,
                reclaimable: idle.reduce(0) { $0 + $1.size }
            ),
            row(
                "Local Volumes",
                total: usage.volumes.count,
                active: usage.volumes.count - unused.count,
                size: volumesSize,
                reclaimable: unused.reduce(0) { $0 + $1.size }
            ),
            row(
                "Build Cache",
                total: usage.images.cache.records,
                active: usage.images.cache.activeRecords,
                size: usage.images.cache.size,
                reclaimable: usage.images.cache.reclaimable,
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
