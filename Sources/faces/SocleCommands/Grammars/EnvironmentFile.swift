/// The file of `--env-file` or `--label-file`: a line a variable, `#` for comments; nothing is quoted or expanded.
struct EnvironmentFile: Hashable, Sendable {
    var variables: [VariableArgument]

    /// Reads the bytes of the file that the user calls `name`.
    init(_ bytes: [UInt8], name: String) throws(ArgumentError) {
        var variables: [VariableArgument] = []
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        for (index, raw) in text.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            let line = raw.last == 13 ? raw.dropLast() : raw
            guard let text = String(validating: line, as: UTF8.self) else {
                throw ArgumentError("env file \(name) contains invalid utf8 bytes at line \(index + 1)")
            }
            let trimmed = text.drop(while: Self.isBlank)
            if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
            let variable = trimmed.prefix { $0 != "=" }
            if variable.isEmpty {
                throw ArgumentError("poorly formatted environment: no variable name on line '\(text)'")
            }
            if variable.contains(where: Self.isBlank) {
                throw ArgumentError(
                    "poorly formatted environment: variable '\(variable)' contains whitespaces"
                )
            }
            variables.append(try VariableArgument(argument: String(trimmed)))
        }
        self.variables = variables
    }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
}
