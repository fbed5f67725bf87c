package import LinuxSystem
package import Reporting

/// Why a snapshot could not be made, found or removed.
package struct SnapshotError: Failure, Hashable {
    package enum Reason: Sendable, Hashable {
        case system(SystemError)
        /// A name that must not become a part of a path.
        case invalidName
        case inUse
    }

    package var reason: Reason
    /// What it was about: a diff ID, a container.
    package var subject: String

    package init(_ reason: Reason, _ subject: String) {
        self.reason = reason
        self.subject = subject
    }

    package var kind: FailureKind {
        switch reason {
        case .system(let error): error.kind
        case .invalidName: .invalidArgument
        case .inUse: .conflict
        }
    }

    package var description: String {
        switch reason {
        case .system(let error): "snapshot \"\(subject)\": \(error)"
        case .invalidName: "snapshot name \"\(subject)\" is not valid"
        case .inUse: "snapshot \"\(subject)\" is in use"
        }
    }
}

/// Runs calls of the system for a snapshot; their error names it.
func about<Result: ~Copyable>(
    _ subject: String,
    _ body: () throws(SystemError) -> Result
) throws(SnapshotError) -> Result {
    do throws(SystemError) { return try body() } catch { throw SnapshotError(.system(error), subject) }
}
