import DockerfileSyntax
import LinuxSystem
package import OCISpec
package import Reporting

/// `--filter type=regular`, `--filter inuse`, `--filter id!=…`, `--filter until=24h` of `builder du` and `builder prune`.
package struct CacheFilter: Sendable, Hashable {
    fileprivate let name: String
    /// Nil stands for "is so" (`inuse`).
    private var value: String?
    fileprivate private(set) var isNegated = false
    /// For how long a record must not have been used, in nanoseconds; nil for another filter.
    fileprivate private(set) var unusedFor: Int64?

    private static let names = [
        "description", "id", "immutable", "inuse", "mutable", "private", "shared", "type", "until", "unused-for",
    ]
    private static let flags: Set<String> = ["immutable", "inuse", "mutable", "private", "shared"]

    package init(argument: String) throws(PlainFailure) {
        var name = String(argument.prefix { !"=!~".contains($0) })
        var rest = argument.dropFirst(name.count)
        name = name.lowercased()
        guard Self.names.contains(name) else {
            throw PlainFailure(
                .invalidArgument,
                "invalid filter '\(name)'",
                hint: "one of \(Self.names.joined(separator: ", "))"
            )
        }
        self.name = name
        if rest.isEmpty {
            guard Self.flags.contains(name) else {
                throw PlainFailure(.invalidArgument, "filter '\(name)' needs a value")
            }
            return
        }
        if rest.hasPrefix("~") {
            throw PlainFailure(
                .invalidArgument,
                "filter '\(argument)': patterns are not supported",
                hint: "use \(name)=VALUE"
            )
        }
        isNegated = rest.hasPrefix("!")
        rest = rest.drop { $0 == "!" || $0 == "=" }
        value = String(rest)
        if Self.flags.contains(name), Self.truth(rest) == nil {
            throw PlainFailure(.invalidArgument, "filter '\(argument)': true or false is wanted")
        }
        if name == "until" || name == "unused-for" {
            if isNegated { throw PlainFailure(.invalidArgument, "filter '\(argument)' can't be negated") }
            unusedFor = try GoDuration.parse(String(rest))
        }
    }

    /// Whether a record is what the filter asks for.
    fileprivate func matches(_ record: CacheRecord) -> Bool {
        switch name {
        case "id": (record.id == value || record.id.hasPrefix(value ?? "\u{0}")) != isNegated
        case "type": (record.kind.rawValue == value) != isNegated
        case "description": (record.description == value) != isNegated
        case "inuse": record.isInUse == isWanted
        case "shared": record.isShared == isWanted
        case "private": !record.isShared == isWanted
        case "mutable": record.isMutable == isWanted
        case "immutable": !record.isMutable == isWanted
        default: true
        }
    }

    private var isWanted: Bool {
        (value.flatMap { Self.truth($0[...]) } ?? true) != isNegated
    }

    private static func truth(_ text: Substring) -> Bool? {
        switch text.lowercased() {
        case "1", "t", "true": true
        case "0", "f", "false": false
        default: nil
        }
    }
}

extension [CacheFilter] {
    /// The records that all filters leave; several of one name that ask for equality are alternatives, as with Docker.
    package func apply(_ records: [CacheRecord], now: Timestamp) -> [CacheRecord] {
        let names = Set(filter { !$0.isNegated }.map(\.name))
        return records.filter { record in
            let isChosen = names.allSatisfy { name in
                contains { $0.name == name && !$0.isNegated && $0.matches(record) }
            }
            let isIdle = unusedSince(now).map { record.usedAt < $0 } ?? true
            return isChosen && isIdle && allSatisfy { !$0.isNegated || $0.matches(record) }
        }
    }

    /// Records that were used at this time or later aren't meant, in nanoseconds since 1970.
    private func unusedSince(_ now: Timestamp) -> Int64? {
        compactMap(\.unusedFor).max().map { now.epochNanoseconds.subtracting(clamping: $0) }
    }
}
