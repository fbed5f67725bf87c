import ImageManagement
import LinuxSystem
import OCISpec
import Reporting
import SocleEngine

/// `socle copy`.
struct CopyCommand: Command {
    static let usage = Usage(
        "SOURCE DESTINATION",
        2...2,
        "Copy an image between registries, archives, folders, daemons and the store"
    )
    static var flags: [Flag<Self>] {
        Flag.value("compression", \.compression, "How layers of the store are compressed: \"gzip\", \"zstd\" or \"uncompressed\" (default \"gzip\")")
        Flag.value("compression-level", \.level, as: "int", "Level of the compression")
        Flag.toggle("force-compression", \.forcesCompression, "Compress layers anew that came compressed otherwise")
        Flag.value("platform", \.platform, "Copy one platform only")
        Flag.toggle("quiet", short: "q", \.quiet, "Suppress verbose output")
    }
    var operands: [String] = []
    var compression: String?
    var level: Int?
    var forcesCompression = false
    var platform: PlatformArgument?
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        var request = CopyRequest(from: try ImagePlace(operands[0]), to: try ImagePlace(operands[1]))
        request.platform = platform?.platform
        request.form = try LayerForm(argument: compression, level: level)
        request.forcesForm = forcesCompression
        let digest = try Transfer(session, quiet: quiet).copy(request, on: session.engine())
        session.output.print(digest.description)
        return .success
    }
}
