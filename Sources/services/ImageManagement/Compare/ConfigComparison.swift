import OCISpec

/// Compares what two images say of themselves: platform, author and how they are run.
struct ConfigComparison {
    private let first: [String: JSONValue]
    private let second: [String: JSONValue]

    init(_ first: Image, _ second: Image, _ options: DiffOptions) throws {
        self.first = try Self.fields(first, options)
        self.second = try Self.fields(second, options)
    }

    /// By field.
    func changes() -> [ImageDiff.ConfigChange] {
        Set(first.keys).union(second.keys).sorted().compactMap { field in
            first[field] == second[field]
                ? nil : ImageDiff.ConfigChange(field: field, before: first[field], after: second[field])
        }
    }

    /// What counts of the config document, flat; what is empty isn't there.
    private static func fields(_ image: Image, _ options: DiffOptions) throws -> [String: JSONValue] {
        let document = try JSONValue(parsing: image.config.bytes)
        var fields: [String: JSONValue] = [:]
        let own =
            ["architecture", "os", "variant", "os.version", "author"] + (options.comparesTimes ? ["created"] : [])
        for name in own { fields[name] = document[name].flatMap(unlessEmpty) }
        guard case .object(let config)? = document["config"] else { return fields }
        for member in config.members {
            switch (member.key, member.value) {
            case ("Env", .array(let variables)):
                for variable in variables.compactMap(\.text) {
                    let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    fields["Env.\(parts[0])"] = .string(parts.count == 2 ? String(parts[1]) : "")
                }
            case ("Labels", .object(let labels)):
                for label in labels.members { fields["Labels.\(label.key)"] = label.value }
            // Docker's note of what the image was made from.
            case ("Image", _): break
            default: fields[member.key] = unlessEmpty(member.value)
            }
        }
        return fields
    }

    private static func unlessEmpty(_ value: JSONValue) -> JSONValue? {
        switch value {
        case .null, .bool(false), .string(""), .array([]): nil
        case .object(let object) where object.isEmpty: nil
        default: value
        }
    }
}
