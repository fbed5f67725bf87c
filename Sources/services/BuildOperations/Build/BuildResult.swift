package import BaseImageTools
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
    /// What the image lacks for its own command, as far as a glance tells.
    package var findings: [Finding] = []
}

/// A build that failed at a place in the Dockerfile, with the text that an excerpt is drawn from.
package struct BuildFailure: Failure {
    package var kind: FailureKind
    /// In the order of the file; at least one is an error.
    package var diagnostics: [Diagnostic]
    package var source: [UInt8]

    package init(_ diagnostics: [Diagnostic], source: [UInt8], kind: FailureKind = .invalidArgument) {
        self.kind = kind
        self.diagnostics = diagnostics
        self.source = source
    }

    private var first: Diagnostic? { diagnostics.first { $0.severity == .error } ?? diagnostics.first }
    package var description: String { first?.message ?? "the build failed" }
    package var hint: String? { first?.hint }
}
