import ContainerManagement
import OCISpec
import SocleEngine

/// `socle ps`.
struct ContainersCommand: Command {
    static let usage = Usage("", 0...0, "List containers")
    static var flags: [Flag<Self>] {
        Flag.toggle("all", short: "a", \.all, "Show all containers (default shows just running)")
        Flag.list("filter", short: "f", \.filters, as: "filter", "Filter output based on conditions provided")
        Flag.value("format", \.format, "Format output: 'table', 'table TEMPLATE', 'json' or a Go template")
        Flag.value("last", short: "n", \.last, as: "int", "Show n last created containers (includes all states)")
        Flag.toggle("latest", short: "l", \.latest, "Show the latest created container (includes all states)")
        Flag.toggle("no-trunc", \.isWhole, "Don't truncate output")
        Flag.toggle("quiet", short: "q", \.quiet, "Only display container IDs")
        Flag.toggle("size", short: "s", \.showsSize, "Display total file sizes")
    }
    var operands: [String] = []
    var all = false
    var filters: [Filter] = []
    var format: String?
    var last: Int?
    var latest = false
    var isWhole = false
    var quiet = false
    var showsSize = false

    private static let standard =
        "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}"

    func run(in session: Session) throws -> ExitCode {
        try filters.require(
            among: [
                "id", "name", "label", "status", "exited", "ancestor", "before", "since", "volume", "network",
                "health", "is-task", "isolation", "publish", "expose",
            ]
        )
        try checkFormat()
        let standard = quiet ? "{{.ID}}" : Self.standard + (showsSize ? "\t{{.Size}}" : "")
        let format = session.format(format, own: "psFormat", isQuiet: quiet)
        let listing = try Listing(format, standard: standard, ContainerRow.headers)
        let engine = try session.engine()
        var containers = try engine.listContainers()
        let asksForState = filters.contains { $0.name == "status" || $0.name == "exited" }
        let count = latest ? 1 : last.flatMap { $0 > 0 ? $0 : nil }
        if !all, !asksForState, count == nil { containers = containers.filter { $0.state.isActive } }
        let networks = filters.contains { $0.name == "network" } ? try engine.containers.networks.all() : []
        containers = try ContainerFilters(filters, among: containers, networks: networks).apply(containers)
        let now = Timestamp.now
        var shown = Array(containers.prefix(count ?? .max))
        if showsSize || Self.mayShowSize(format) { shown = try engine.measured(shown) }
        let rows = shown.map { ContainerRow.row(of: $0, isWhole: isWhole, now: now) }
        session.output.write(try listing.text(rows))
        return .success
    }

    /// Whether a format asks for what only walking all files tells: by its name, or with all the rest.
    private static func mayShowSize(_ format: String?) -> Bool {
        guard let format else { return false }
        return format.contains(".Size") || format.contains("json")
    }

    /// As Docker's `ps`, which tries a format on an empty row before it looks at containers.
    private func checkFormat() throws(ArgumentError) {
        guard let format else { return }
        do throws(TemplateError) { _ = try Template(format).render(.row(ContainerRow.empty)) } catch {
            throw ArgumentError("failed to \(error.stage == .parsing ? "parse" : "execute") template: \(error.description)")
        }
    }
}
