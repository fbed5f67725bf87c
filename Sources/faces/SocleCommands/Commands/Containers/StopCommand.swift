import ContainerManagement
import SocleEngine

/// A verb that does one thing to each container that is named, and prints its name.
protocol ContainerVerb: Command {
    func act(on name: String, _ containers: Containers) throws
}

extension ContainerVerb {
    func run(in session: Session) throws -> ExitCode {
        let engine = try session.engine()
        return Each.do(operands, Self.errorStyle, session) { name in
            try act(on: name, engine.containers)
            session.output.print(name)
        }
    }
}

/// A verb that ends containers first by a signal, then, after a time, by force.
protocol StoppingCommand: ContainerVerb {
    var signal: String? { get set }
    var seconds: Int? { get set }
}

extension StoppingCommand {
    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.value("signal", short: "s", \.signal, "Signal to send to the container")
        Flag.value("time", short: "t", \.seconds, as: "int", "Seconds to wait before killing the container")
        Flag.value("timeout", \.seconds, as: "int", nil)
    }
}

/// `socle stop`.
struct StopCommand: StoppingCommand {
    static let usage = Usage("CONTAINER [CONTAINER...]", 1...Usage.many, "Stop one or more running containers")
    var operands: [String] = []
    var signal: String?
    var seconds: Int?

    func act(on name: String, _ containers: Containers) throws { try containers.stop(name, seconds: seconds, signal: signal) }
}

/// `socle restart`.
struct RestartCommand: StoppingCommand {
    static let usage = Usage("CONTAINER [CONTAINER...]", 1...Usage.many, "Restart one or more containers")
    var operands: [String] = []
    var signal: String?
    var seconds: Int?

    func act(on name: String, _ containers: Containers) throws { try containers.restart(name, seconds: seconds, signal: signal) }
}

/// `socle kill`.
struct KillCommand: ContainerVerb {
    static let usage = Usage("CONTAINER [CONTAINER...]", 1...Usage.many, "Kill one or more running containers")
    static var flags: [Flag<Self>] {
        Flag.value("signal", short: "s", \.signal, "Signal to send to the container (default \"KILL\")")
    }
    var operands: [String] = []
    var signal: String?

    func act(on name: String, _ containers: Containers) throws { try containers.kill(name, signal: signal ?? "KILL") }
}

/// `socle wait`.
struct WaitCommand: Command {
    static let usage = Usage(
        "CONTAINER [CONTAINER...]",
        1...Usage.many,
        "Block until one or more containers stop, then print their exit codes"
    )
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let engine = try session.engine()
        return Each.do(operands, Self.errorStyle, session) { name in
            session.output.print("\(try engine.containers.wait(name))")
        }
    }
}

/// `socle pause`.
struct PauseCommand: ContainerVerb {
    static let usage = Usage(
        "CONTAINER [CONTAINER...]",
        1...Usage.many,
        "Pause all processes within one or more containers"
    )
    var operands: [String] = []

    func act(on name: String, _ containers: Containers) throws { try containers.pause(name) }
}

/// `socle unpause`.
struct UnpauseCommand: ContainerVerb {
    static let usage = Usage(
        "CONTAINER [CONTAINER...]",
        1...Usage.many,
        "Unpause all processes within one or more containers"
    )
    var operands: [String] = []

    func act(on name: String, _ containers: Containers) throws { try containers.unpause(name) }
}

/// `socle rename`.
struct RenameCommand: Command {
    static let usage = Usage("CONTAINER NEW_NAME", 2...2, "Rename a container")
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        if operands.contains(where: { $0.allSatisfy(\.isWhitespace) }) {
            throw ArgumentError("Error: Neither old nor new names may be empty")
        }
        let containers = try session.engine().containers
        let code = Each.do([operands[0]], Self.errorStyle, session) { try containers.rename($0, to: operands[1]) }
        if code != .success { session.output.complain("Error: failed to rename container named \(operands[0])") }
        return code
    }
}

/// `socle debug settle`: what every command does first, alone. Monitors end so whose container is to be removed.
struct SettleCommand: Command {
    static let usage = Usage("", 0...0, "Clean up after containers whose monitors have ended")
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        try session.engine().containers.freeAbandonedPlaces()
        return .success
    }
}
