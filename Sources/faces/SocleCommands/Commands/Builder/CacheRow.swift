import BuildOperations
import OCISpec
import Reporting

/// The columns of `builder du` and `builder prune`.
enum CacheRow {
    static let headers = [
        "ID": "ID", "Reclaimable": "RECLAIMABLE", "Size": "SIZE", "LastUsedAgo": "LAST ACCESSED", "Type": "TYPE",
        "Description": "DESCRIPTION", "CreatedAt": "CREATED AT", "LastUsedAt": "LAST USED AT", "Mutable": "MUTABLE",
        "Shared": "SHARED", "InUse": "IN USE", "UsageCount": "USAGE COUNT",
    ]
    static let standard = "table {{.ID}}\t{{.Reclaimable}}\t{{.Size}}\t{{.LastUsedAgo}}"

    static func row(_ record: CacheRecord, now: Timestamp) -> TemplateRow {
        let used = Timestamp(epochNanoseconds: record.usedAt)
        return TemplateRow(
            typeName: "*du.duContext",
            fields: [
                "ID": record.id, "Reclaimable": String(record.isReclaimable), "Size": HumanSize.decimal(record.size),
                "LastUsedAgo": GoTime.ago(used, now: now), "Type": record.kind.rawValue,
                "Description": record.description,
                "CreatedAt": GoTime.text(Timestamp(epochNanoseconds: record.createdAt)),
                "LastUsedAt": GoTime.text(used), "Mutable": String(record.isMutable),
                "Shared": String(record.isShared), "InUse": String(record.isInUse),
                "UsageCount": record.uses.map(String.init) ?? "",
            ]
        )
    }

    /// Everything about a record, a line each, as `buildx du --verbose`.
    static func details(_ record: CacheRecord, now: Timestamp) -> String {
        var lines = [
            ("ID", record.id), ("Created at", GoTime.text(Timestamp(epochNanoseconds: record.createdAt))),
            ("Mutable", String(record.isMutable)), ("Reclaimable", String(record.isReclaimable)),
            ("Shared", String(record.isShared)), ("Size", HumanSize.decimal(record.size)),
            ("Description", record.description),
        ]
        if let uses = record.uses { lines.append(("Usage count", String(uses))) }
        lines.append(("Last used", GoTime.ago(Timestamp(epochNanoseconds: record.usedAt), now: now)))
        lines.append(("Type", record.kind.rawValue))
        return TabWriter(minimumWidth: 8, padding: 2).aligned(lines.map { "\($0.0):\t\($0.1)\n" }.joined()) + "\n"
    }

    /// The sums below a list.
    static func sums(_ usage: CacheUsage) -> String {
        var lines: [(String, Int64)] = []
        if usage.shared > 0 { lines += [("Shared", usage.shared), ("Private", usage.owned)] }
        lines += [("Reclaimable", usage.reclaimable), ("Total", usage.total)]
        return TabWriter(minimumWidth: 8, padding: 2).aligned(
            lines.map { "\($0.0):\t\(HumanSize.decimal($0.1))\n" }.joined()
        )
    }
}

/// `--filter` of `builder du` and `builder prune`.
struct CacheFilterArgument: ArgumentValue, Hashable {
    var value: CacheFilter

    init(argument: String) throws(ArgumentError) {
        do { value = try CacheFilter(argument: argument) } catch {
            throw ArgumentError(error.description, hint: error.hint)
        }
    }
}
