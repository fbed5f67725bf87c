package import BaseImageTools
package import ImageManagement
package import OCISpec
package import Reporting

/// What a build gave.
package struct BuildResult: Sendable {
    /// The image; of several platforms the one for this machine, else the first.
    package var image: Image
    /// The whole of it, as the first output that made an image made it.
    package var exported: AssembledImage
    /// What the image is known by: its ID, or its index's; nil where no output made an image.
    package var id: Digest?
    /// The names that the image got.
    package var tags: [ImageReference]
    package var warnings: [Diagnostic]
    /// The Dockerfile, for excerpts of what the warnings are about.
    package var source: [UInt8]
    /// What the image lacks for its own command, as far as a glance tells.
    package var findings: [Finding] = []

    init(
        _ outcome: Exporter.Outcome,
        tags: [ImageReference],
        warnings: [Diagnostic],
        source: [UInt8]
    ) throws {
        guard let main = outcome.image.main else { throw PlainFailure(.internal, "a build without a platform") }
        image = main
        exported = outcome.image
        id = outcome.hasImage ? exported.index?.descriptor.digest ?? main.id : nil
        self.tags = tags.map(\.withDefaultTag)
        self.warnings = warnings
        self.source = source
    }

    /// What `--metadata-file` gets, in BuildKit's words; it says nothing of an image where there is none.
    package var metadata: JSONValue {
        guard id != nil, let root = exported.root else { return [:] }
        var descriptor: JSONObject = [
            "mediaType": .string(root.mediaType.rawValue), "digest": .string(root.digest.description),
            "size": .integer(root.size),
        ]
        if let annotations = root.annotations {
            var notes = JSONObject()
            for (key, value) in annotations.sorted(by: { $0.key < $1.key }) { notes[key] = .string(value) }
            descriptor["annotations"] = .object(notes)
        }
        if let platform = root.platform {
            var object: JSONObject = ["architecture": .string(platform.architecture), "os": .string(platform.os)]
            if let variant = platform.variant { object["variant"] = .string(variant) }
            descriptor["platform"] = .object(object)
        }
        var object = JSONObject()
        if exported.index == nil {
            object["containerimage.config.digest"] = .string(image.id.description)
        }
        object["containerimage.descriptor"] = .object(descriptor)
        object["containerimage.digest"] = .string(root.digest.description)
        if !exported.names.isEmpty {
            object["image.name"] = .string(exported.names.map(\.canonical).joined(separator: ","))
        }
        return .object(object)
    }
}

/// A build that failed at a place in the Dockerfile, with the text that an excerpt is drawn from.
package struct BuildFailure: Failure {
    package var kind: FailureKind
    /// In the order of the file; at least one is an error, the others are findings of the checks.
    package var diagnostics: [Diagnostic]
    package var source: [UInt8]
    /// The RUN that failed, where its file system was to be kept.
    package var failedStep: FailedStep?

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
