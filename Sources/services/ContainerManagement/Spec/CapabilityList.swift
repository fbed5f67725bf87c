import OCISpec
import Reporting

/// `--cap-add` and `--cap-drop`, laid over Docker's default set.
enum CapabilityList {
    /// What the container may hold. `available` is what can be given to it: of what every container has, the rest is left out;
    /// what is asked for by name is there or an error.
    static func resolve(
        adding: [String],
        dropping: [String],
        privileged: Bool,
        available: [String]
    ) throws(PlainFailure) -> [String] {
        let added = try normalised(adding, flag: "CapAdd")
        let dropped = try normalised(dropping, flag: "CapDrop")
        if privileged { return available }
        if added.contains(all) { return available.filter { !dropped.contains($0) } }
        let possible = Set(available)
        if let missing = added.first(where: { !possible.contains($0) }) {
            throw PlainFailure(
                .invalidArgument,
                "invalid CapAdd: capability not supported by your kernel or not available in the current "
                    + "environment: \"\(missing)\""
            )
        }
        if dropped.contains(all) { return added }
        let kept = RuntimeDefaults.capabilities.filter { !dropped.contains($0) && possible.contains($0) }
        return kept + added.filter { !kept.contains($0) }
    }

    private static let all = "ALL"

    /// Upper case, with `CAP_`, each once, in order.
    static func normalised(_ names: [String], flag: String) throws(PlainFailure) -> [String] {
        var result: [String] = []
        for name in names {
            var full = name.uppercased()
            if full != all, !full.hasPrefix("CAP_") { full = "CAP_" + full }
            guard full == all || RuntimeDefaults.allCapabilities.contains(full) else {
                throw PlainFailure(
                    .invalidArgument,
                    "invalid \(flag): unknown capability: \"\(full)\"",
                    hint: Suggestion.nearest(to: full, among: RuntimeDefaults.allCapabilities)
                        .map { "did you mean \"\($0.dropFirst(4))\"?" }
                )
            }
            if !result.contains(full) { result.append(full) }
        }
        return result
    }
}
