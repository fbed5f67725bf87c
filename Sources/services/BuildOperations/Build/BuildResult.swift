package import ImageManagement
package import OCISpec
package import Reporting

/// What a build gave.
package struct BuildResult: Sendable {
    package var image: Image
    /// The names that the image got.
    package var tags: [ImageReference]
    package var warnings: [Diagnostic]
    /// The Dockerfile, for excerpts of what the warnings are about.
    package var source: [UInt8]
}

/// A build that failed at a place in the Dockerfile, with the text that an excerpt is drawn from.
package struct BuildFailure: Failure {
    package var kind: FailureKind
    /// In the order of the file; at least one is an error, the others are findings of the checks.
    package var diagnostics: [Diagnostic]
    package var source: [UInt8]

    /// What keeps it from being built.
    package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
    /// What the checks found.
    package var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }

    package init(_ diagnostics: [Diagnostic], source: [UInt8], kind: FailureKind = .invalidArgument) {
        self.kind = kind
        self.diagnostics = diagnostics
        self.source = source
    }

    private var first: Diagnostic? { diagnostics.first { $0.severity == .error } ?? diagnostics.first }
    package var description: String { first?.message ?? "the build failed" }
    package var hint: String? { first?.hint }
}
