import ImageManagement
import OCISpec
import SocleEngine

/// `socle image prune`.
struct PruneImagesCommand: Command {
    static let usage = Usage("", 0...0, "Remove unused images")
    static var flags: [Flag<Self>] {
        Flag.toggle("all", short: "a", \.takesAll, "Remove all unused images, not just dangling ones")
        Flag.list("filter", \.filters, as: "filter", "Provide filter values (e.g. 'until=<timestamp>')")
        Flag.toggle("force", short: "f", \.isForced, "Do not prompt for confirmation")
    }
    var operands: [String] = []
    var takesAll = false
    var filters: [Filter] = []
    var isForced = false

    func run(in session: Session) throws -> ExitCode {
        let filter = try PruneFilters.parse(filters, now: .now, others: ["dangling"])
        let takesAll = try takesAll || asksForAll()
        let warning =
            takesAll
            ? "all images without at least one container associated to them." : "all dangling images."
        var report = PruneReport()
        if isForced || PruneText.confirm("WARNING! This will remove \(warning)\n", session.output) {
            report = try session.engine().pruneImages(all: takesAll, filter)
        }
        session.output.write(PruneText.report(report))
        return .success
    }

    /// `--filter dangling=false` is the same as `--all`.
    private func asksForAll() throws -> Bool {
        guard let filter = filters.last(where: { $0.name == "dangling" }) else { return false }
        do { return try !Bool(argument: filter.value) } catch {
            throw ArgumentError("invalid filter 'dangling=\(filter.value)'")
        }
    }
}
