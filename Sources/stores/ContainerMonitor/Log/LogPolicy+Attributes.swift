private import LinuxSystem
import Reporting

extension LogPolicy {
    /// What a tag may name, in Docker's words.
    private static let places = [
        "{{.ID}}", "{{.FullID}}", "{{.Name}}", "{{.ImageName}}", "{{.Command}}", "{{.DaemonName}}",
    ]

    static func check(tag: String) throws(PlainFailure) {
        let rest = places.reduce(tag) { $0.replacing($1, with: "") }
        guard rest.firstRange(of: "{{") == nil else {
            throw PlainFailure(
                .unsupported,
                "log tag \"\(tag)\" is not supported",
                hint: places.joined(separator: ", ") + " are what it may name"
            )
        }
    }

    /// What stands beside each line of a container: the labels and variables that the options `labels`, `labels-regex`, `env`
    /// and `env-regex` name, and the tag.
    package mutating func takeAttributes(
        id: String,
        name: String,
        image: String,
        command: [String],
        labels: [String: String],
        environment: [String]
    ) {
        var variables: [String: String] = [:]
        for variable in environment {
            let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
        }
        var found = chosen(labels, "labels")
        found.merge(chosen(variables, "env")) { $1 }
        if let tag = options["tag"], !tag.isEmpty {
            let values = [String(id.prefix(12)), id, name, image, command.joined(separator: " "), "socle"]
            found["tag"] = zip(Self.places, values).reduce(tag) { $0.replacing($1.0, with: $1.1) }
        }
        if !found.isEmpty { attributes = found }
    }

    /// Those that the option names, or that what it has as an expression fits.
    private func chosen(_ all: [String: String], _ option: String) -> [String: String] {
        let names = Set((options[option] ?? "").split(separator: ",").map(String.init))
        var found = all.filter { names.contains($0.key) }
        if let pattern = options["\(option)-regex"], !pattern.isEmpty, let expression = ExtendedExpression(pattern) {
            for (name, value) in all where expression.matches(name) { found[name] = value }
        }
        return found
    }
}
