/// Lists of `NAME=value`.
enum EnvironmentList {
    /// What stands before the first `=`.
    static func name(_ variable: String) -> Substring { variable.prefix { $0 != "=" } }

    /// `changes` replace variables of the same name in their place; the others follow in order. A bare name removes.
    static func merged(_ variables: [String], with changes: [String]) -> [String] {
        var result = variables
        var places = Dictionary(
            variables.enumerated().map { (String(name($1)), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var removed: Set<Int> = []
        for change in changes {
            let key = String(name(change))
            let isRemoval = key.utf8.count == change.utf8.count
            if let place = places[key] {
                result[place] = change
                if isRemoval { removed.insert(place) } else { removed.remove(place) }
            } else if !isRemoval {
                places[key] = result.count
                result.append(change)
            }
        }
        return removed.isEmpty ? result : result.enumerated().filter { !removed.contains($0.offset) }.map(\.element)
    }
}
