import ImageManagement
import OCISpec
import SocleEngine

/// `socle system prune`.
struct PruneSystemCommand: Command {
    static let usage = Usage("", 0...0, "Remove unused data")
    static var flags: [Flag<Self>] {
        Flag.toggle("all", short: "a", \.takesAll, "Remove all unused images not just dangling ones")
        Flag.list("filter", \.filters, as: "filter", "Provide filter values (e.g. 'label=<key>=<value>')")
        Flag.toggle("force", short: "f", \.isForced, "Do not prompt for confirmation")
        Flag.toggle("volumes", \.takesVolumes, "Prune anonymous volumes")
    }
    var operands: [String] = []
    var takesAll = false
    var filters: [Filter] = []
    var isForced = false
    var takesVolumes = false

    func run(in session: Session) throws -> ExitCode {
        var request = PruneRequest()
        request.takesAll = takesAll
        request.takesVolumes = takesVolumes
        request.filter = try PruneFilters.parse(filters, now: .now)
        if takesVolumes, request.filter.until != nil {
            throw ArgumentError("ERROR: The \"until\" filter is not supported with \"--volumes\"")
        }
        guard isForced || PruneText.confirm(warning(request.filter), session.output) else { return .success }
        session.output.write(PruneText.report(try session.engine().prune(request)))
        return .success
    }

    private func warning(_ filter: PruneFilter) -> String {
        var lines = ["all stopped containers", "all networks not used by at least one container"]
        if takesVolumes, filters.isEmpty { lines.append("all anonymous volumes not used by at least one container") }
        lines.append(takesAll ? "all images without at least one container associated to them" : "all dangling images")
        if filter.labels.isEmpty { lines.append(takesAll ? "all build cache" : "all dangling build cache") }
        var text = "WARNING! This will remove:\n" + lines.map { "  - \($0)\n" }.joined() + "\n"
        if !filters.isEmpty {
            text += "  Items to be pruned will be filtered with:\n"
            text += filters.map { "  - \($0.name)=\($0.value)\n" }.sorted().joined() + "\n"
        }
        return text
    }
}
