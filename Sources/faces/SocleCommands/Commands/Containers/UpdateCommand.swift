import ContainerManagement
import ContainerMonitor
import Reporting
import SocleEngine

/// `socle update`.
struct UpdateCommand: Command {
    static let usage = Usage(
        "CONTAINER [CONTAINER...]",
        1...Usage.many,
        "Update configuration of one or more containers"
    )
    static var flags: [Flag<Self>] {
        LimitOptions.changeable.map { $0.within(\.limits) }
        Flag.value("restart", \.restart, "Restart policy to apply when a container exits")
    }
    var operands: [String] = []
    var limits = LimitOptions()
    var restart: String?

    func run(in session: Session) throws -> ExitCode {
        var asked = ResourceLimits()
        limits.change(&asked)
        if asked == ResourceLimits(), restart == nil {
            throw ArgumentError("you must provide one or more flags when using this command")
        }
        let policy = try restart.map { text throws(PlainFailure) in try RestartPolicy(text) }
        let engine = try session.engine()
        var warnings: [String] = []
        let code = Each.do(operands, Self.errorStyle, session) { name in
            warnings += try engine.containers.update(name, restart: policy, limits.change)
            session.output.print(name)
        }
        // Where Docker 20.10 has them.
        for warning in warnings { session.output.print(warning) }
        return code
    }
}
