import BuildOperations
import DockerfileSyntax
import OCISpec
import Reporting

/// What `build --check` says: what the checks found, and what keeps the file from being built.
struct ChecksAnswer {
    private let inspection: BuildInspection
    private let warnings: [Diagnostic]
    private let errors: [Diagnostic]

    init(_ diagnostics: [Diagnostic], of inspection: BuildInspection) {
        self.inspection = inspection
        // What no rule says is about the command, not about the file.
        warnings = diagnostics.filter { $0.severity == .warning && $0.rule != nil }
        errors = diagnostics.filter { $0.severity == .error }
    }

    /// Whether there is nothing to say.
    var isClean: Bool { warnings.isEmpty && errors.isEmpty }

    /// The errors with their places; nil where there are none.
    var failure: BuildFailure? { errors.isEmpty ? nil : BuildFailure(errors, source: inspection.source) }

    /// The warnings for people, as BuildKit prints them.
    var text: String {
        guard !warnings.isEmpty else { return errors.isEmpty ? "Check complete, no warnings found.\n" : "" }
        let count = warnings.count == 1 ? "1 warning has" : "\(warnings.count) warnings have"
        return "Check complete, \(count) been found!\n" + warnings.map(text(of:)).joined()
    }

    private func text(of warning: Diagnostic) -> String {
        var lines = ["WARNING: \(warning.rule ?? "")" + (warning.url.map { " - \($0)" } ?? ""), warning.message]
        if let hint = warning.hint { lines.append("hint: \(hint)") }
        let excerpt = SourceExcerpt(of: inspection.source, file: inspection.file).render(warning.ranges)
        if let excerpt { lines.append(excerpt) }
        return "\n" + lines.map { $0 + "\n" }.joined()
    }

    /// The same for programs.
    var json: String {
        let source = AnswerJSON.object([
            ("filename", .string(inspection.file)), ("data", .string(Base64.text(inspection.source))),
            ("language", .string("Dockerfile")),
        ])
        var document = JSONObject()
        document["warnings"] = .array(warnings.map(Self.json))
        document["sources"] = .array([source])
        if let error = errors.first {
            document["buildError"] = AnswerJSON.object([
                ("message", .string(error.message)), ("location", AnswerJSON.location(error.ranges)),
            ])
        }
        return AnswerJSON.text(.object(document))
    }

    private static func json(_ warning: Diagnostic) -> JSONValue {
        AnswerJSON.object([
            ("ruleName", warning.rule.map(JSONValue.string)),
            ("description", warning.rule.flatMap(LintRule.named).map { .string($0.summary) }),
            ("url", warning.url.map(JSONValue.string)), ("detail", .string(warning.message)),
            ("location", AnswerJSON.location(warning.ranges)),
        ])
    }
}
