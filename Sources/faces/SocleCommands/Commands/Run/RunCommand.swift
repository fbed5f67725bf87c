import ContainerManagement
import SocleEngine

/// `socle run`.
struct RunCommand: Command {
    static let usage: Usage = {
        var usage = Usage("IMAGE [COMMAND] [ARG...]", 1...Usage.many, "Run a command in a new container")
        usage.stopsAtOperand = true
        return usage
    }()
    static var flags: [Flag<Self>] {
        (RunOptions.flags + RunOptions.refused).map { $0.within(\.options) }
        Flag.toggle("quiet", short: "q", \.quiet, "Suppress the pull output")
    }
    static var errorStyle: ErrorStyle { .run }
    var operands: [String] = []
    var options = RunOptions()
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        let request = try options.request(operands)
        if request.terminal, request.interactive, !Terminal.isTerminal(0) {
            session.output.complain("the input device is not a TTY")
            return .failure
        }
        let engine = try session.engine()
        let code = try engine.run(request, policy: options.pull) { order in
            try Transfer(session, quiet: quiet).pullForRun(order, of: request.image, policy: options.pull, on: engine)
        }
        return ExitCode(value: code)
    }
}

/// `socle debug plan`: what a run would do, without doing it.
struct PlanCommand: Command {
    static let usage: Usage = {
        var usage = Usage(
            "IMAGE [COMMAND] [ARG...]",
            1...Usage.many,
            "Print the launch plan of a run, and don't run it"
        )
        usage.stopsAtOperand = true
        return usage
    }()
    static var flags: [Flag<Self>] { (RunOptions.flags + RunOptions.refused).map { $0.within(\.options) } }
    static var errorStyle: ErrorStyle { .run }
    var operands: [String] = []
    var options = RunOptions()

    func run(in session: Session) throws -> ExitCode {
        session.output.write(try session.engine().plan(try options.request(operands)))
        return .success
    }
}
