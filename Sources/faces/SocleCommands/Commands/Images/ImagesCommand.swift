import ImageManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle images`.
struct ImagesCommand: Command {
    static let usage = Usage("[REPOSITORY[:TAG]]", 0...1, "List images")
    static var flags: [Flag<Self>] {
        Flag.toggle("all", short: "a", \.all, "Show all images (there are no intermediate ones)")
        Flag.toggle("digests", \.showsDigests, "Show digests")
        Flag.list("filter", short: "f", \.filters, as: "filter", "Filter output based on conditions provided")
        Flag.value("format", \.format, "Format output: 'table', 'table TEMPLATE', 'json' or a Go template")
        Flag.toggle("no-trunc", \.isWhole, "Don't truncate output")
        Flag.toggle("quiet", short: "q", \.quiet, "Only show image IDs")
    }
    var operands: [String] = []
    var all = false
    var showsDigests = false
    var filters: [Filter] = []
    var format: String?
    var isWhole = false
    var quiet = false

    private var template: String {
        if quiet { return "{{.ID}}" }
        let digest = showsDigests ? "\t{{.Digest}}" : ""
        return "table {{.Repository}}\t{{.Tag}}\(digest)\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}"
    }

    func run(in session: Session) throws -> ExitCode {
        let filters = filters + (try operands.map { try Filter(argument: "reference=\($0)") })
        try filters.require(among: ["dangling", "label", "before", "since", "reference", "until"])
        var format = session.format(format, own: "imagesFormat", isQuiet: quiet)
        // As with Docker, a table of one's own gets the column as well.
        if showsDigests, let own = format, own.hasPrefix("table"), !own.contains("{{.Digest}}") {
            format = own + "\t{{.Digest}}"
        }
        let listing = try Listing(format, standard: template, ImageRow.headers)
        let engine = try session.engine()
        let images = try ImageFilters(filters, engine).apply(try engine.listImages())
        let now = Timestamp.now
        let tellsPublisher = format?.contains(".Publisher") == true
        let rows = images.flatMap {
            ImageRow.rows(of: $0, isWhole: isWhole, tellsPublisher: tellsPublisher, now: now)
        }
        session.output.write(try listing.text(rows))
        return .success
    }
}
