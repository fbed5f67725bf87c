package import ImageManagement
package import OCISpec
package import Reporting

/// What a build gave.
package struct BuildResult: Sendable {
    package var image: Image
    /// The names that the image got.
    package var tags: [ImageReference]
    package var warnings: [Diagnostic]
}

/// A Dockerfile that can't be built as it stands, with the text that an excerpt is drawn from.
package struct DefinitionFailure: Failure {
    package var diagnostics: [Diagnostic]
    package var source: [UInt8]

    package var kind: FailureKind { .invalidArgument }
    package var description: String {
        diagnostics.first { $0.severity == .error }?.message ?? "the Dockerfile has errors"
    }
    package var hint: String? { diagnostics.first { $0.severity == .error }?.hint }
}
