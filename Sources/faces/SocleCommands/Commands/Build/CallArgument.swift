import Reporting

/// `--call`: what is asked of a build, and how the answer is written: `check,format=json`.
struct CallArgument: ArgumentValue, Hashable {
    enum Question: String, CaseIterable {
        case build, check, lint, outline, targets
        case describe = "subrequests.describe"
    }

    enum Format: String { case text, json }

    var question = Question.build
    var format = Format.text
    /// Whether what a check finds is no failure.
    var ignoresStatus = false

    init() {}

    init(argument: String) throws(ArgumentError) {
        var isNamed = false
        for field in argument.split(separator: ",").map(String.init) {
            guard let equals = field.firstIndex(of: "=") else {
                guard !isNamed else { throw ArgumentError("invalid call \(GoText.quoted(argument)): two names") }
                isNamed = true
                question = try Self.question(field)
                continue
            }
            try set(String(field[..<equals]), String(field[field.index(after: equals)...]))
        }
    }

    private static func question(_ text: String) throws(ArgumentError) -> Question {
        if let question = Question(rawValue: text) { return question }
        let names = Question.allCases.map(\.rawValue)
        let near = Suggestion.nearest(to: text, among: names)
        throw ArgumentError(
            "unknown call \(GoText.quoted(text))" + (near.map { " (did you mean \($0)?)" } ?? ""),
            hint: "one of \(names.joined(separator: ", "))"
        )
    }

    private mutating func set(_ name: String, _ value: String) throws(ArgumentError) {
        switch name {
        case "format":
            guard let format = Format(rawValue: value) else {
                throw ArgumentError("invalid call format \(GoText.quoted(value))", hint: "one of text, json")
            }
            self.format = format
        case "ignorestatus": ignoresStatus = try Bool(argument: value)
        default:
            throw ArgumentError(
                "invalid call field \(GoText.quoted(name))",
                hint: "the fields are format=json and ignorestatus=true"
            )
        }
    }
}
