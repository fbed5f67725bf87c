package import Reporting

/// Why an ordinary user can't have a user namespace that socle could work in.
package struct RootlessError: Failure, Hashable {
    package var kind: FailureKind
    package var description: String
    package var hint: String?

    package init(_ kind: FailureKind, _ description: String, hint: String? = nil) {
        self.kind = kind
        self.description = description
        self.hint = hint
    }

    init(_ error: SystemError, _ purpose: String) {
        self.init(error.kind, "\(purpose): \(error)")
    }
}
