import DockerfileSyntax
import ImageManagement
import LinuxSystem
import OCISpec
import Reporting
import SocleEngine

/// `--filter` of the prune commands: `until=…`, `label=…`, `label!=…`.
enum PruneFilters {
    /// - Parameter others: names that the command looks at itself.
    static func parse(
        _ filters: [Filter],
        now: Timestamp,
        others: Set<String> = []
    ) throws(ArgumentError) -> PruneFilter {
        var result = PruneFilter()
        for filter in filters where filter.isGiven && !others.contains(filter.name) {
            switch filter.name {
            case "until":
                if result.until != nil { throw ArgumentError("more than one until filter specified") }
                result.until = try Moment.parse(filter.value, now: now)
            case "label": result.labels.require(filter.value)
            case "label!": result.labels.refuse(filter.value)
            default: throw ArgumentError("invalid filter '\(filter.name)'")
            }
        }
        return result
    }
}

/// A moment as Docker's filters take it.
enum Moment {
    /// A duration before now (`24h`), seconds since 1970, or a date with as much of a time as is wanted; without a zone it is
    /// UTC.
    static func parse(_ text: String, now: Timestamp) throws(ArgumentError) -> Timestamp {
        if text != "0", let duration = try? GoDuration.parse(text) {
            return Timestamp(epochNanoseconds: now.epochNanoseconds.subtracting(clamping: duration))
        }
        if let moment = seconds(text) ?? date(text) { return moment }
        throw ArgumentError("failed to parse value as time or duration: \(GoText.quoted(text))")
    }

    /// `1700000000`, `1700000000.5`.
    private static func seconds(_ text: String) -> Timestamp? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int64(parts[0]) else { return nil }
        guard parts.count == 2 else { return Timestamp(epochSeconds: whole) }
        guard parts[1].utf8.count <= 9, parts[1].utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let digits = parts[1] + String(repeating: "0", count: 9 - parts[1].utf8.count)
        return Int32(digits).map { Timestamp(epochSeconds: whole, nanoseconds: $0) }
    }

    /// `2006-01-02`, `2006-01-02T15:04`, `2006-01-02T15:04:05Z`.
    private static func date(_ text: String) -> Timestamp? {
        let missing = [11: "T00:00:00Z", 14: ":00:00Z", 17: ":00Z"]
        let isZoned = text.hasSuffix("Z") || text.dropFirst(10).contains { $0 == "+" || $0 == "-" }
        if isZoned { return try? Timestamp(text) }
        return try? Timestamp(text + (missing[text.utf8.count + 1] ?? "Z"))
    }
}
