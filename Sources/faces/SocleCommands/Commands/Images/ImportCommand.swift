import ImageManagement
import OCISpec
import Reporting
import SocleEngine
import SystemPackage

/// `socle import`.
struct ImportCommand: Command {
    static let usage = Usage(
        "file|URL|- [REPOSITORY[:TAG]]",
        1...2,
        "Import the contents from a tarball to create a filesystem image"
    )
    static var flags: [Flag<Self>] {
        Flag.list("change", short: "c", \.changes, "Apply Dockerfile instruction to the created image")
        Flag.value("message", short: "m", \.message, "Set commit message for imported image")
        Flag.value("platform", \.platform, "Set platform of the created image")
    }
    var operands: [String] = []
    var changes: [String] = []
    var message: String?
    var platform: PlatformArgument?

    private var isURL: Bool { operands[0].hasPrefix("http://") || operands[0].hasPrefix("https://") }

    private var input: Engine.Input {
        if operands[0] == "-" { return .descriptor(0) }
        return isURL ? .url(operands[0]) : .file(FilePath(operands[0]))
    }

    func run(in session: Session) throws -> ExitCode {
        var request = ImportRequest()
        request.changes = changes
        request.message = message
        request.platform = platform?.platform
        request.reference = try operands.dropFirst().first.map { try ImageReference.forTagging($0) }
        if isURL { request.source = operands[0] }
        request.epoch = try Epoch.fromEnvironment()?.seconds
        if operands[0] == "-", Terminal.isTerminal(0) {
            throw ArgumentError("cowardly refusing to import from a terminal; give a file, a URL or a pipe")
        }
        let mode: ProgressMode = Terminal.isTerminal(2) ? .tty : .quiet
        let image = try session.withProgress(mode, verb: "Importing") { feed in
            try session.engine().importImage(request, from: input, progress: feed.sink)
        }
        session.output.print(image.id.description)
        return .success
    }
}
