import Reporting

extension LogPolicy {
    /// What a tag may name, in Docker's words.
    private static let places = ["{{.ID}}", "{{.FullID}}", "{{.Name}}", "{{.ImageName}}"]

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

    /// What stands beside each line of a container: the labels and variables that the options `labels` and `env` name,
    /// and the tag.
    package mutating func takeAttributes(
        id: String,
        name: String,
        image: String,
        labels: [String: String],
        environment: [String]
    ) {
        var found: [String: String] = [:]
        for key in names("labels") { found[key] = labels[key] }
        for key in names("env") {
            let variable = environment.last { $0.hasPrefix(key + "=") }
            found[key] = variable.map { String($0.dropFirst(key.count + 1)) }
        }
        if let tag = options["tag"], !tag.isEmpty {
            let values = [String(id.prefix(12)), id, name, image]
            found["tag"] = zip(Self.places, values).reduce(tag) { $0.replacing($1.0, with: $1.1) }
        }
        if !found.isEmpty { attributes = found }
    }

    private func names(_ option: String) -> [String] {
        (options[option] ?? "").split(separator: ",").map(String.init).filter { !$0.isEmpty }
    }
}
