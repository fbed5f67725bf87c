public import LinuxSystem
public import Reporting

/// Why a stream stopped before its end.
public struct StreamError: Failure, Hashable {
    /// The ways in which a stream fails.
    public enum Reason: Sendable, Hashable {
        case system(SystemError)
        /// The bytes ended where more were promised.
        case truncated
        /// The bytes aren't what they claim to be; says what.
        case corrupt(String)
        /// More than the allowed number of bytes.
        case tooLarge(limit: Int64)
        case digestMismatch(expected: String, actual: String)
        case sizeMismatch(expected: Int64, actual: Int64)
        case unsupported(String)
        /// Another end of the pipeline failed, or the work was called off.
        case cancelled
    }

    /// What went wrong.
    public var reason: Reason
    /// What was being read or written, as the user knows it.
    public var subject: String?

    /// An error with what it is about, where that is known.
    public init(_ reason: Reason, subject: String? = nil) {
        self.reason = reason
        self.subject = subject
    }

    /// The failure's kind in the common vocabulary.
    public var kind: FailureKind {
        switch reason {
        case .system(let error): error.kind
        case .truncated, .corrupt, .digestMismatch, .sizeMismatch: .corrupt
        case .tooLarge: .exhausted
        case .unsupported: .unsupported
        case .cancelled: .cancelled
        }
    }

    /// What happened, for people.
    public var description: String {
        let what =
            switch reason {
            case .system(let error): error.description
            case .truncated: "unexpected end of data"
            case .corrupt(let detail): detail
            case .tooLarge(let limit): "larger than the limit of \(limit) bytes"
            case .digestMismatch(let expected, let actual): "digest is \(actual), expected \(expected)"
            case .sizeMismatch(let expected, let actual): "size is \(actual) bytes, expected \(expected)"
            case .unsupported(let detail): detail
            case .cancelled: "cancelled"
            }
        return subject.map { "\($0): \(what)" } ?? what
    }
}
