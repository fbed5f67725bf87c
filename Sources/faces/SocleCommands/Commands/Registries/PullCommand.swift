import ImageManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle pull`.
struct PullCommand: Command {
    static let usage = Usage("NAME[:TAG|@DIGEST]", 1...1, "Pull an image or a repository from a registry")
    static var flags: [Flag<Self>] {
        Flag.toggle("all-tags", short: "a", \.allTags, "Download all tagged images in the repository")
        Flag.toggle(
            "disable-content-trust",
            \.ignoresNotary,
            "Skip image verification by Docker's Notary, which is gone (default true)"
        )
        Flag.value("platform", \.platform, "Set platform if server is multi-platform capable")
        Flag.toggle("quiet", short: "q", \.quiet, "Suppress verbose output")
    }
    var operands: [String] = []
    var allTags = false
    var ignoresNotary = true
    var platform: PlatformArgument?
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        guard ignoresNotary else {
            throw ArgumentError("unsupported flag: --disable-content-trust=false: Docker's Notary is not asked")
        }
        let reference = try ImageReference(operands[0])
        try ImageReference.requireNotReserved(reference)
        let isBare = reference.tag == nil && reference.digest == nil
        let engine = try session.engine()
        let transfer = Transfer(session, quiet: quiet)
        if allTags {
            guard isBare else { throw ArgumentError("tag can't be used with --all-tags/-a") }
            for tag in try engine.remoteTags(reference) {
                let named = try ImageReference("\(reference.repository):\(tag)")
                try transfer.pull(PullRequest(named, platform: platform?.platform), on: engine)
            }
            session.output.print(reference.repository)
            return .success
        }
        if isBare, !quiet { session.output.print("Using default tag: latest") }
        try transfer.pull(PullRequest(reference, platform: platform?.platform), on: engine)
        session.output.print(reference.withDefaultTag.canonical)
        return .success
    }
}
