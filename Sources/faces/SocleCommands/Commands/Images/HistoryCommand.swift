import ImageManagement
import OCISpec
import SocleEngine

/// `socle history`.
struct HistoryCommand: Command {
    static let usage = Usage("IMAGE", 1...1, "Show the history of an image")
    static var flags: [Flag<Self>] {
        Flag.value("format", \.format, "Format output: 'table', 'table TEMPLATE', 'json' or a Go template")
        Flag.toggle("human", short: "H", \.isHuman, "Print sizes and dates in human readable format (default true)")
        Flag.toggle("no-trunc", \.isWhole, "Don't truncate output")
        Flag.toggle("quiet", short: "q", \.quiet, "Only show image IDs")
    }
    static let headers = [
        "ID": "IMAGE", "CreatedSince": "CREATED", "CreatedAt": "CREATED AT", "CreatedBy": "CREATED BY", "Size": "SIZE",
        "Comment": "COMMENT",
    ]
    var operands: [String] = []
    var format: String?
    var isHuman = true
    var isWhole = false
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        let created = isHuman ? "CreatedSince" : "CreatedAt"
        let standard =
            quiet ? "{{.ID}}" : "table {{.ID}}\t{{.\(created)}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"
        let listing = try Listing(format, standard: standard, Self.headers)
        let now = Timestamp.now
        let rows = try session.engine().history(operands[0]).map { row in
            let command = row.createdBy.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: " ")
            return TemplateRow(
                typeName: "*image.historyContext",
                fields: [
                    "ID": row.id.map { isWhole ? $0.description : $0.short } ?? "<missing>",
                    "CreatedSince": row.created.map { GoTime.ago($0, now: now) } ?? "N/A",
                    "CreatedAt": row.created.map { Timestamp(epochSeconds: $0.seconds).text } ?? "N/A",
                    "CreatedBy": isWhole ? command : Ellipsis.text(command, 45),
                    "Size": isHuman ? HumanSize.decimal(row.size) : String(row.size), "Comment": row.comment,
                ]
            )
        }
        session.output.write(try listing.text(rows))
        return .success
    }
}

/// Text that is cut to a width.
enum Ellipsis {
    static func text(_ text: String, _ width: Int) -> String {
        text.unicodeScalars.count <= width
            ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(width - 1))) + "…"
    }
}
