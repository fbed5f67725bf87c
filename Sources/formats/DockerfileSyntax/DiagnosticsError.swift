public import Reporting

/// A Dockerfile that can't be used, with everything that is wrong with it.
public struct DiagnosticsError: Failure, Hashable {
    /// In the order of the file; at least one of them is an error. The others are findings of the checks.
    public var diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    public var kind: FailureKind { .invalidArgument }

    /// The first error, as the build's last line says it.
    public var description: String {
        (diagnostics.first { $0.severity == .error } ?? diagnostics.first)?.message ?? "invalid dockerfile"
    }

    public var hint: String? {
        (diagnostics.first { $0.severity == .error } ?? diagnostics.first)?.hint
    }
}

/// What is wrong with one instruction; its place is added where it is known.
struct SyntaxError: Error {
    var message: String
    var range: SourceRange?
    var hint: String?
    /// Whether the message stands alone; otherwise the line's number goes in front of it.
    var isPlain = false

    /// The same, standing alone.
    var plain: SyntaxError {
        var error = self
        error.isPlain = true
        return error
    }

    init(_ message: String, at range: SourceRange? = nil, hint: String? = nil) {
        self.message = message
        self.range = range
        self.hint = hint
    }

    /// Adds ` (did you mean X?)` where one of the candidates is near.
    static func suggesting(_ message: String, _ word: String, among candidates: [String], at range: SourceRange? = nil)
        -> SyntaxError
    {
        let nearest = Suggestion.nearest(to: word, among: candidates)
        return SyntaxError(message + (nearest.map { " (did you mean \($0)?)" } ?? ""), at: range)
    }
}
