import ImageManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle manifest create`: starts a list of manifests.
struct CreateManifestCommand: Command {
    static let usage = Usage(
        "MANIFEST_LIST MANIFEST [MANIFEST...]",
        2...Usage.many,
        "Create a local manifest list for annotating and pushing to a registry"
    )
    static var flags: [Flag<Self>] {
        Flag.toggle("amend", short: "a", \.amends, "Amend an existing manifest list")
        Flag.toggle("insecure", \.isInsecure, "Allow communication with an insecure registry")
    }
    var operands: [String] = []
    var amends = false
    var isInsecure = false

    func run(in session: Session) throws -> ExitCode {
        let list = try ImageReference.forTagging(operands[0])
        let engine = try session.allowing(isInsecure, operands).engine()
        _ = try engine.createManifestList(list, of: Array(operands.dropFirst()), amending: amends)
        session.output.print("Created manifest list \(list.withDefaultTag.familiar)")
        return .success
    }
}

/// `socle manifest annotate`: says more of a manifest in a list.
struct AnnotateManifestCommand: Command {
    static let usage = Usage(
        "MANIFEST_LIST MANIFEST",
        2...2,
        "Add additional information to a local image manifest"
    )
    static var flags: [Flag<Self>] {
        Flag.list("annotation", \.annotations, as: "key=value", "Set an annotation of the manifest in the list")
        Flag.value("arch", \.architecture, "Set architecture")
        Flag.value("os", \.os, "Set operating system")
        Flag.list("os-features", \.osFeatures, as: "strings", "Set operating system feature")
        Flag.value("os-version", \.osVersion, "Set operating system version")
        Flag.value("variant", \.variant, "Set architecture variant")
    }
    var operands: [String] = []
    var annotations: [String] = []
    var architecture: String?
    var os: String?
    var osFeatures: [String] = []
    var osVersion: String?
    var variant: String?

    func run(in session: Session) throws -> ExitCode {
        var annotation = ManifestAnnotation()
        annotation.architecture = architecture
        annotation.os = os
        annotation.osFeatures = osFeatures.flatMap { $0.split(separator: ",").map(String.init) }
        annotation.osVersion = osVersion
        annotation.variant = variant
        for text in annotations {
            let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty else {
                throw ArgumentError("invalid annotation \(GoText.quoted(text))", hint: "key=value")
            }
            annotation.annotations[String(pair[0])] = String(pair[1])
        }
        try session.engine().annotate(try ImageReference.forTagging(operands[0]), operands[1], annotation)
        return .success
    }
}

/// `socle manifest push`: brings a list to a registry, with what it names.
struct PushManifestCommand: Command {
    static let usage = Usage("MANIFEST_LIST", 1...1, "Push a manifest list to a repository")
    static var flags: [Flag<Self>] {
        Flag.toggle("insecure", \.isInsecure, "Allow push to an insecure registry")
        Flag.toggle("purge", short: "p", \.purges, "Remove the local manifest list after push")
    }
    var operands: [String] = []
    var isInsecure = false
    var purges = false

    func run(in session: Session) throws -> ExitCode {
        let list = try ImageReference.forTagging(operands[0])
        let engine = try session.allowing(isInsecure, operands).engine()
        let digest = try Transfer(session, quiet: false).pushManifestList(list, purging: purges, on: engine)
        session.output.print(digest.description)
        return .success
    }
}

/// `socle manifest rm`: forgets lists.
struct RemoveManifestsCommand: Command {
    static let usage = Usage(
        "MANIFEST_LIST [MANIFEST_LIST...]",
        1...Usage.many,
        "Delete one or more manifest lists from local storage"
    )
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let engine = try session.engine()
        return Each.do(operands, Self.errorStyle, session) { name in
            try engine.removeManifestList(try ImageReference.forTagging(name))
        }
    }
}

extension Session {
    /// A session in which the registries of these images may be spoken to without TLS, if that is wanted.
    func allowing(_ isInsecure: Bool, _ names: [String]) -> Session {
        guard isInsecure else { return self }
        var session = self
        session.insecureRegistries += names.compactMap { try? ImageReference($0).domain }
        return session
    }
}
