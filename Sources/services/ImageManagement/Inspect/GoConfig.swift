import OCISpec

/// A container config as Docker prints it: every field of its structure in its order, with Go's empty values.
///
/// It works on JSON and not on `ContainerConfig`, because "absent", `null` and "empty" look different in the output.
enum GoConfig {
    /// How Go prints a field that isn't there.
    private enum Field {
        case text, flag, list, names, labels
        case omitted, healthcheck
    }

    private static let fields: KeyValuePairs<String, Field> = [
        "Hostname": .text, "Domainname": .text, "User": .text, "AttachStdin": .flag, "AttachStdout": .flag,
        "AttachStderr": .flag, "ExposedPorts": .omitted, "Tty": .flag, "OpenStdin": .flag, "StdinOnce": .flag,
        "Env": .list, "Cmd": .list, "Healthcheck": .healthcheck, "ArgsEscaped": .omitted, "Image": .text,
        "Volumes": .names, "WorkingDir": .text, "Entrypoint": .list, "NetworkDisabled": .omitted,
        "MacAddress": .omitted, "OnBuild": .list, "Labels": .labels, "StopSignal": .omitted,
        "StopTimeout": .omitted, "Shell": .omitted,
    ]

    /// The config as Docker prints it, from what is stored; nil prints as an empty one.
    static func printed(_ config: JSONValue?) -> JSONValue {
        var object = JSONObject()
        for (name, field) in fields {
            let value = config?[name]
            switch field {
            case .text: object[name] = value ?? ""
            case .flag: object[name] = value ?? false
            case .list: object[name] = list(value)
            case .names, .labels: object[name] = value.map(sorted) ?? .null
            case .omitted: object[name] = value.flatMap(unlessEmpty)
            case .healthcheck: object[name] = value.flatMap(healthcheck)
            }
        }
        return .object(object)
    }

    /// Old images have commands that are one text.
    private static func list(_ value: JSONValue?) -> JSONValue {
        if let text = value?.text { [.string(text)] } else { value ?? .null }
    }

    /// Go prints maps with sorted keys.
    private static func sorted(_ value: JSONValue) -> JSONValue {
        guard case .object(let object) = value else { return value }
        var result = JSONObject()
        for member in object.members.sorted(by: { Array($0.key.utf8).lexicographicallyPrecedes($1.key.utf8) }) {
            result[member.key] = member.value
        }
        return .object(result)
    }

    private static func unlessEmpty(_ value: JSONValue) -> JSONValue? {
        switch value {
        case .null, .bool(false), .integer(0), .string(""), .array([]): nil
        case .object(let object): object.isEmpty ? nil : sorted(value)
        default: value
        }
    }

    private static func healthcheck(_ value: JSONValue) -> JSONValue? {
        guard case .object = value else { return nil }
        var object = JSONObject()
        for name in ["Test", "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"] {
            object[name] = value[name].flatMap(unlessEmpty)
        }
        return .object(object)
    }
}
