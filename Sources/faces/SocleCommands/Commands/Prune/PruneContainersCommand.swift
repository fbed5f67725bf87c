import OCISpec
import SocleEngine

/// `socle container prune`.
struct PruneContainersCommand: Command {
    static let usage = Usage("", 0...0, "Remove all stopped containers")
    static var flags: [Flag<Self>] {
        Flag.list("filter", \.filters, as: "filter", "Provide filter values (e.g. 'until=<timestamp>')")
        Flag.toggle("force", short: "f", \.isForced, "Do not prompt for confirmation")
    }
    var operands: [String] = []
    var filters: [Filter] = []
    var isForced = false

    func run(in session: Session) throws -> ExitCode {
        let filter = try PruneFilters.parse(filters, now: .now)
        var report = PruneReport()
        if isForced || PruneText.confirm("WARNING! This will remove all stopped containers.\n", session.output) {
            report = try session.engine().pruneContainers(filter)
        }
        session.output.write(PruneText.report(report))
        return .success
    }
}
