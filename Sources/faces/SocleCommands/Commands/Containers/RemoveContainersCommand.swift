import Reporting
import SocleEngine

/// `socle rm`.
struct RemoveContainersCommand: Command {
    static let usage = Usage("CONTAINER [CONTAINER...]", 1...Usage.many, "Remove one or more containers")
    static var flags: [Flag<Self>] {
        Flag.toggle("force", short: "f", \.force, "Force the removal of a running container (uses SIGKILL)")
        Flag.toggle("volumes", short: "v", \.volumes, "Remove anonymous volumes associated with the container")
        Flag.refused("link", short: "l", takesValue: false)
    }
    var operands: [String] = []
    var force = false
    var volumes = false

    func run(in session: Session) throws -> ExitCode {
        let engine = try session.engine()
        return Each.do(operands, Self.errorStyle, session) { name in
            do { try engine.removeContainer(name, force: force, volumes: volumes) } catch let failure as any Failure
                where force && failure.kind == .notFound
            {
                // As with Docker, it is told and is no failure: what was to be gone is gone.
                return session.output.complain(ErrorTable.report(failure, style: Self.errorStyle, path: "").text)
            }
            session.output.print(name)
        }
    }
}
