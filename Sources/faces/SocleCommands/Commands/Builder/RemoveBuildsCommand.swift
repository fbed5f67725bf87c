import BuildOperations
import SocleEngine

/// `socle builder history rm`.
struct RemoveBuildsCommand: Command {
    static let usage = Usage("[BUILD...]", 0...Usage.many, "Remove records of builds and what their steps said")
    static var flags: [Flag<Self>] { Flag.toggle("all", short: "a", \.takesAll, "Remove all builds that are over") }
    var operands: [String] = []
    var takesAll = false

    func run(in session: Session) throws -> ExitCode {
        if takesAll, !operands.isEmpty { throw ArgumentError("cannot specify builds when using --all") }
        if !takesAll, operands.isEmpty { throw ArgumentError("a build, or --all, must be given") }
        let history = try session.engine().buildHistory
        if takesAll {
            for record in try history.list() where record.state != .running { try history.remove(record) }
            return .success
        }
        return Each.do(operands, Self.errorStyle, session) { name in
            let record = try history.find(name)
            try history.remove(record)
            session.output.print(record.id)
        }
    }
}
