/// `key=value`, where the key must not be empty; a lone `key` has the empty value.
///
/// Labels are written so.
struct KeyValue: ArgumentValue, Hashable {
    var key: String
    var value: String

    init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let key = parts.first, !key.isEmpty else { throw ArgumentError("invalid label '\(argument)': empty name") }
        self.init(key: key, value: parts.count > 1 ? parts[1] : "")
    }
}

extension [KeyValue] {
    /// The last of each key.
    var dictionary: [String: String] {
        Dictionary(map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }
}

/// A variable of `-e` or `--build-arg`: `NAME=value`, or `NAME` for the caller's value.
struct VariableArgument: ArgumentValue, Hashable {
    var name: String
    /// nil takes the value from the caller's environment.
    var value: String?

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else {
            throw ArgumentError("invalid environment variable: \(argument)")
        }
        self.name = name
        value = parts.count > 1 ? parts[1] : nil
    }

    /// `NAME=value`; nil for a variable that the caller doesn't have.
    func resolved(_ environment: (String) -> String?) -> String? {
        (value ?? environment(name)).map { "\(name)=\($0)" }
    }
}
