import ImageManagement
import SocleEngine

/// What the prune commands ask and say, in Docker's words.
enum PruneText {
    static func confirm(_ warning: String, _ output: Output) -> Bool {
        Confirmation.ask(warning + "Are you sure you want to continue? [y/N] ", output)
    }

    /// A list for each kind of thing that went, and the sum.
    static func report(_ report: PruneReport) -> String {
        let lists = [
            ("Deleted Containers", report.containers), ("Deleted Networks", report.networks), ("Deleted Volumes", report.volumes),
            ("Deleted Images", report.images.map(line)), ("Deleted build cache objects", report.cache),
        ]
        return lists.filter { !$0.1.isEmpty }.map { "\($0.0):\n\($0.1.joined(separator: "\n"))\n\n" }.joined()
            + "Total reclaimed space: \(HumanSize.decimal(report.reclaimed, digits: 4))\n"
    }

    private static func line(_ removal: Removal) -> String {
        switch removal {
        case .untagged(let name): "untagged: \(name)"
        case .deleted(let digest): "deleted: \(digest)"
        }
    }
}
