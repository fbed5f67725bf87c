public import Reporting

/// Why a file could not be read as a program or library.
public struct ELFError: Failure, Hashable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The file doesn't begin as ELF files do.
        case notELF
        /// The file ends before something that it announces.
        case truncated(String)
        /// A part makes no sense, or is larger than any honest file's.
        case invalid(String)
        /// The bytes could not be read.
        case unreadable(String)
    }

    /// What is wrong.
    public var reason: Reason

    /// An error from its reason.
    public init(_ reason: Reason) { self.reason = reason }

    /// What sort of failure it is.
    public var kind: FailureKind {
        if case .unreadable = reason { .internal } else { .corrupt }
    }

    /// What is wrong, for people.
    public var description: String {
        switch reason {
        case .notELF: "not an ELF file"
        case .truncated(let part): "truncated ELF file: \(part)"
        case .invalid(let part): "invalid ELF file: \(part)"
        case .unreadable(let text): text
        }
    }
}
