public import Reporting

/// A pattern that isn't one.
public struct PatternError: Failure, Hashable {
    /// The pattern as it was written.
    public var pattern: String

    init(_ pattern: String) {
        self.pattern = pattern
    }

    public var kind: FailureKind { .invalidArgument }
    public var description: String { "pattern \(pattern.goQuoted): syntax error in pattern" }
}
