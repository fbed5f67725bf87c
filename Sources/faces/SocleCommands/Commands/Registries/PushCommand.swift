import CompressionCodecs
import ImageManagement
import ImageTrust
import OCISpec
import Reporting
import SocleEngine
import SystemPackage

/// `socle push`.
struct PushCommand: Command {
    static let usage = Usage("NAME[:TAG]", 1...1, "Push an image or a repository to a registry")
    static var flags: [Flag<Self>] {
        Flag.toggle("all-tags", short: "a", \.allTags, "Push all tagged images in the repository")
        Flag.value("compression", \.compression, "How layers are compressed: \"gzip\", \"zstd\" or \"uncompressed\" (default \"gzip\")")
        Flag.value("compression-level", \.level, as: "int", "Level of the compression")
        Flag.toggle("disable-content-trust", \.signsNothing, "Skip image signing by Docker's Notary, which is gone (default true)")
        Flag.toggle("force-compression", \.forcesCompression, "Compress layers anew that came compressed otherwise")
        Flag.toggle("quiet", short: "q", \.quiet, "Suppress verbose output")
        Flag.list("sign-by", \.signers, as: "file", "Sign the image with a private key (PEM) after it was pushed")
    }
    var operands: [String] = []
    var allTags = false
    var compression: String?
    var level: Int?
    var signsNothing = true
    var forcesCompression = false
    var quiet = false
    var signers: [String] = []

    func run(in session: Session) throws -> ExitCode {
        guard signsNothing else {
            throw ArgumentError("unsupported flag: --disable-content-trust=false: Docker's Notary is not asked")
        }
        let reference = try ImageReference(operands[0])
        try ImageReference.requireNotReserved(reference)
        guard reference.digest == nil else {
            throw PlainFailure(.invalidArgument, "cannot push a digest reference")
        }
        let form = try LayerForm(argument: compression, level: level)
        let keys = try signers.map { try KeyFiles().signingKey(FilePath($0)) }
        let engine = try session.engine()
        var names = [reference.withDefaultTag]
        if allTags {
            guard reference.tag == nil else { throw ArgumentError("tag can't be used with --all-tags/-a") }
            names = try engine.localTags(reference)
            guard !names.isEmpty else {
                throw PlainFailure(
                    .notFound,
                    "An image does not exist locally with the tag: \(reference.familiarName)"
                )
            }
        }
        if !quiet {
            if reference.tag == nil, !allTags { session.output.print("Using default tag: latest") }
            session.output.print("The push refers to repository [\(reference.repository)]")
        }
        for name in names {
            var request = PushRequest(name)
            request.form = form
            request.forcesForm = forcesCompression
            let pushed = try Transfer(session, quiet: quiet).push(request, on: engine)
            let manifest = pushed.manifest
            for key in keys {
                let signing = SigningRequest(name, digest: manifest.digest, creator: SocleVersion.signer)
                _ = try engine.sign(signing, by: key)
            }
            session.output.print(
                quiet ? name.canonical : "\(name.tag ?? ""): digest: \(manifest.digest) size: \(manifest.size)"
            )
        }
        return .success
    }
}

extension LayerForm {
    /// Reads `--compression` and `--compression-level`.
    init(argument: String?, level: Int?) throws {
        let text = argument ?? "gzip"
        let kind = text == "uncompressed" ? Compression.none : Compression(rawValue: text)
        guard let kind, [.gzip, .zstd, .none].contains(kind), text != "none" else {
            throw ArgumentError("unsupported compression \(GoText.quoted(text))", hint: "gzip, zstd or uncompressed")
        }
        guard kind != .none || level == nil else { throw ArgumentError("uncompressed layers have no compression level") }
        self = try LayerForm(kind, level: level)
    }
}
