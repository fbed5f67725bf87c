import BuildOperations
import OCISpec
import SocleEngine

/// `socle builder history ls`.
struct ListBuildsCommand: Command {
    static let usage = Usage("", 0...0, "List the last builds")
    static var flags: [Flag<Self>] {
        Flag.value("format", \.format, "Format output: 'table', 'table TEMPLATE', 'json' or a Go template")
        Flag.toggle("no-trunc", \.isWhole, "Don't truncate output")
        Flag.toggle("quiet", short: "q", \.quiet, "Only show build IDs")
    }
    static let headers = [
        "ID": "BUILD ID", "Name": "NAME", "Status": "STATUS", "CreatedAt": "CREATED AT", "Duration": "DURATION",
        "Steps": "STEPS", "Cached": "CACHED", "Image": "IMAGE", "Context": "CONTEXT", "Target": "TARGET",
        "Error": "ERROR",
    ]
    var operands: [String] = []
    var format: String?
    var isWhole = false
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        let standard =
            quiet ? "{{.ID}}" : "table {{.ID}}\t{{.Name}}\t{{.Status}}\t{{.CreatedAt}}\t{{.Duration}}"
        let listing = try Listing(format, standard: standard, Self.headers)
        let rows = try session.engine().buildHistory.list().map(row)
        session.output.write(try listing.text(rows))
        return .success
    }

    private func row(_ record: BuildRecord) -> TemplateRow {
        let created = try? Timestamp(record.createdAt)
        return TemplateRow(
            typeName: "*formatter.buildHistoryContext",
            fields: [
                "ID": record.id, "Name": isWhole ? record.name : Ellipsis.text(record.name, 40),
                "Status": Self.status(record.state),
                "CreatedAt": isWhole
                    ? record.createdAt : created.map { GoTime.ago($0, now: .now) } ?? record.createdAt,
                "Duration": Self.duration(record.seconds), "Steps": String(record.stepCount),
                "Cached": String(record.cachedCount), "Image": record.image ?? "", "Context": record.context,
                "Target": record.target ?? "", "Error": record.error ?? "",
            ]
        )
    }

    private static func status(_ state: BuildRecord.State) -> String {
        switch state {
        case .running: "Running"
        case .completed: "Completed"
        case .failed: "Error"
        case .canceled: "Canceled"
        case .interrupted: "Interrupted"
        }
    }

    /// `1.4s`, `2m 05s`, `1h 02m`.
    static func duration(_ seconds: Double) -> String {
        if seconds < 60 { return GoNumber.fixed(seconds, digits: 1) + "s" }
        let whole = Int(seconds)
        let padded = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        if whole < 3600 { return "\(whole / 60)m \(padded(whole % 60))s" }
        return "\(whole / 3600)h \(padded(whole % 3600 / 60))m"
    }
}
