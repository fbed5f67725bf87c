import BuildOperations
import OCISpec
import SocleEngine

/// `socle builder du`.
struct CacheUsageCommand: Command {
    static let usage = Usage("", 0...0, "Disk usage")
    static var flags: [Flag<Self>] {
        Flag.refused("builder")
        Flag.list("filter", \.filters, as: "filter", "Provide filter values (e.g., \"type=regular\", \"until=24h\")")
        Flag.value("format", \.format, "Format output: 'table', 'table TEMPLATE', 'json' or a Go template")
        Flag.toggle("verbose", \.isVerbose, "Provide a more verbose output")
    }
    var operands: [String] = []
    var filters: [CacheFilterArgument] = []
    var format: String?
    var isVerbose = false

    func run(in session: Session) throws -> ExitCode {
        if isVerbose, format != nil { throw ArgumentError("--format and --verbose cannot be used together") }
        let listing = try Listing(format, standard: CacheRow.standard, CacheRow.headers)
        let now = Timestamp.now
        let records = filters.map(\.value).apply(try session.engine().buildCache.records(), now: now)
        if isVerbose {
            for record in records { session.output.write(CacheRow.details(record, now: now)) }
        } else if format != nil || !records.isEmpty {
            session.output.write(try listing.text(records.map { CacheRow.row($0, now: now) }))
        }
        if format == nil { session.output.write(CacheRow.sums(CacheUsage(records))) }
        return .success
    }
}

/// `socle buildx version`: there is no plugin; who asks wants to know that `buildx` can be used.
struct BuilderVersionCommand: Command {
    static let usage = Usage("", 0...0, "Show the version of the builder")
    static var entersUserSpace: Bool { false }
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        session.output.print("socle \(SocleVersion.text)")
        return .success
    }
}
