/// What `builder prune` may take away. Pure.
package struct CachePruning: Sendable {
    /// Also what an image has too, so that it need not be built again; removing that frees nothing.
    package var takesShared = false
    /// Nothing that was used at this time or later, in nanoseconds since 1970.
    package var unusedSince: Int64?
    /// Space that the cache may keep, in bytes: `--keep-storage`, `--reserved-space`.
    package var reservedSpace: Int64?
    /// Nothing is taken while the cache needs no more than this.
    package var maximumSpace: Int64?

    package init() {}

    /// The records that go, in the order in which they go: those that were used longest ago first.
    ///
    /// - Parameters:
    ///   - matching: what the user's filters leave.
    ///   - all: every record there is, which the space is counted of.
    package func selection(of matching: [CacheRecord], among all: [CacheRecord]) -> [CacheRecord] {
        let candidates = matching.filter { record in
            !record.isInUse && (takesShared || !record.isShared) && (unusedSince.map { record.usedAt < $0 } ?? true)
        }.sorted { ($0.usedAt, $0.id) < ($1.usedAt, $1.id) }
        guard let limit = [reservedSpace, maximumSpace].compactMap({ $0 }).max() else { return candidates }
        var left = all.filter { !$0.isShared }
        var selected: [CacheRecord] = []
        for candidate in candidates {
            if CacheUsage(left).total <= limit { break }
            // What frees nothing doesn't help.
            if candidate.isShared { continue }
            selected.append(candidate)
            left.removeAll { $0.id == candidate.id }
        }
        return selected
    }
}
