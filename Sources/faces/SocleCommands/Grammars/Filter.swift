import Reporting

/// `--filter name=value`.
struct Filter: ArgumentValue, Hashable {
    var name: String
    var value: String
    /// Whether it says anything: as with Docker, an empty one doesn't.
    private(set) var isGiven = true

    init(argument: String) throws(ArgumentError) {
        if argument.isEmpty {
            (name, value, isGiven) = ("", "", false)
            return
        }
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
            String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard parts.count == 2 else { throw ArgumentError("bad format of filter (expected name=value)") }
        name = parts[0].lowercased()
        value = parts[1]
    }
}

extension [Filter] {
    /// Refuses filters that a command doesn't know.
    func require(among known: Set<String>) throws(ArgumentError) {
        for filter in self where filter.isGiven && !known.contains(filter.name) { throw ArgumentError("invalid filter '\(filter.name)'") }
    }

    /// What the last filter of that name says, true or false; nil where there is none.
    func flag(_ name: String) throws(PlainFailure) -> Bool? {
        guard let filter = last(where: { $0.name == name }) else { return nil }
        do throws(ArgumentError) { return try Bool(argument: filter.value) } catch {
            throw PlainFailure(.invalidArgument, "Invalid filter '\(name)=[\(filter.value)]'")
        }
    }

    /// Whether there is no filter of that name, or one that `matches` accepts.
    func accept(_ name: String, _ matches: (String) -> Bool) -> Bool {
        let values = filter { $0.name == name }
        return values.isEmpty || values.contains { matches($0.value) }
    }

    /// Whether `labels` have all that filters ask for: `label=key` or `label=key=value`.
    func acceptLabels(_ labels: [String: String]) -> Bool {
        filter { $0.name == "label" }.allSatisfy { filter in
            let parts = filter.value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let value = labels[String(parts[0])] else { return false }
            return parts.count == 1 || value == parts[1]
        }
    }
}
