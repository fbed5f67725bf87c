import ImageManagement
import LinuxSystem
import OCISpec
import SocleEngine
import SystemPackage

/// `socle load`.
struct LoadCommand: Command {
    static let usage = Usage("", 0...0, "Load an image from a tar archive or STDIN")
    static var flags: [Flag<Self>] {
        Flag.value("input", short: "i", \.input, "Read from a tar archive file or a folder (an OCI layout), instead of STDIN")
        Flag.toggle("quiet", short: "q", \.quiet, "Suppress the load output")
    }
    var operands: [String] = []
    var input: String?
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        if input == nil, Terminal.isTerminal(0) {
            throw ArgumentError("requested load from stdin, but stdin is empty")
        }
        let source = input.map { Engine.Input.file(FilePath($0)) } ?? .descriptor(0)
        let mode: ProgressMode = quiet || !Terminal.isTerminal(2) ? .quiet : .tty
        let images = try session.withProgress(mode, verb: "Loading") { feed in
            if let input, Self.isFolder(input) {
                return try session.engine().load(folder: FilePath(input), progress: feed.sink)
            }
            return try session.engine().load(from: source, progress: feed.sink)
        }
        for line in images.flatMap(\.lines) { session.output.print(line) }
        return .success
    }

    private static func isFolder(_ path: String) -> Bool { (try? Directory.open(FilePath(path))) != nil }
}
