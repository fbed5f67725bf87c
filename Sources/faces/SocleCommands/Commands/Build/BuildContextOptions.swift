import BuildOperations
import Reporting

/// The flags of `build` about where files come from.
struct BuildContextOptions: Hashable, Sendable {
    var additional: [BuildContextArgument] = []

    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.list("build-context", \.additional, "Additional build contexts (e.g., name=path)")
    }

    /// What a build is asked for; the last value of a name counts.
    var request: AdditionalContexts {
        var contexts = AdditionalContexts()
        contexts.entries = additional.map { ($0.name, $0.place) }
        return contexts
    }
}

/// `name=value` of `--build-context`.
struct BuildContextArgument: ArgumentValue, Hashable {
    var name: String
    var place: ContextPlace

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw ArgumentError("invalid context value: \(argument), expected key=value")
        }
        name = parts[0]
        do throws(PlainFailure) { place = try ContextPlace(parts[1]) } catch {
            throw ArgumentError(error.description, hint: error.hint)
        }
    }
}
