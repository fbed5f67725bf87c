import BuildOperations
import ByteStreams
import LinuxSystem
import SocleEngine

/// `socle builder history logs`.
struct BuildLogsCommand: Command {
    static let usage = Usage(
        "[BUILD]",
        0...1,
        "Print all that the steps of a build said; without BUILD, of the last one"
    )
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let history = try session.engine().buildHistory
        let log = try history.log(of: try history.find(operands.first))
        try log.copy(to: FileSink(try OwnedDescriptor.standard(1), subject: "standard output"))
        return .success
    }
}
