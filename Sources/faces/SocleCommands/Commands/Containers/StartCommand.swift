import ContainerManagement
import ContainerMonitor
import Reporting
import SocleEngine

/// `socle start`.
struct StartCommand: Command {
    static let usage = Usage("CONTAINER [CONTAINER...]", 0...Usage.many, "Start one or more stopped containers")
    static var flags: [Flag<Self>] {
        Flag.toggle("all", \.all, "Start all containers that their restart policies want to run")
        Flag.toggle("attach", short: "a", \.attaches, "Attach STDOUT/STDERR and forward signals")
        Flag.value("detach-keys", \.detachKeys, "Override the key sequence for detaching a container")
        Flag.toggle("interactive", short: "i", \.interactive, "Attach container's STDIN")
        Flag.refused(["checkpoint", "checkpoint-dir"])
    }
    var operands: [String] = []
    var all = false
    var attaches = false
    var detachKeys: String?
    var interactive = false

    func run(in session: Session) throws -> ExitCode {
        let engine = try session.engine()
        if all {
            if !operands.isEmpty { throw ArgumentError("--all takes no containers") }
            for name in try engine.containers.startAll() { session.output.print(name) }
            return .success
        }
        if operands.isEmpty { throw ArgumentError("\"socle start\" requires at least 1 argument") }
        if attaches || interactive { return try attach(engine, session) }
        var failed: [String] = []
        _ = Each.do(operands, Self.errorStyle, session) { name in
            do { _ = try engine.containers.start(name) } catch {
                failed.append(name)
                throw error
            }
            session.output.print(name)
        }
        if failed.isEmpty { return .success }
        session.output.complain("Error: failed to start containers: \(failed.joined(separator: ", "))")
        return .failure
    }

    private func attach(_ engine: Engine, _ session: Session) throws -> ExitCode {
        guard operands.count == 1 else {
            throw ArgumentError("you cannot start and attach multiple containers at once")
        }
        let request = AttachRequest(takesInput: interactive, detachKeys: try session.detachKeys(detachKeys))
        switch try engine.containers.start(operands[0], attach: request) {
        case .ended(let code): return ExitCode(value: code)
        case .detached: return .success
        }
    }
}

/// `socle attach`.
struct AttachCommand: Command {
    static let usage = Usage(
        "CONTAINER",
        1...1,
        "Attach local standard input, output, and error streams to a running container"
    )
    static var flags: [Flag<Self>] {
        Flag.value("detach-keys", \.detachKeys, "Override the key sequence for detaching a container")
        Flag.toggle("no-stdin", \.withoutInput, "Do not attach STDIN")
        Flag.toggle("sig-proxy", \.passesSignals, "Proxy all received signals to the process (default true)")
    }
    var operands: [String] = []
    var detachKeys: String?
    var withoutInput = false
    var passesSignals = true

    func run(in session: Session) throws -> ExitCode {
        let request = AttachRequest(
            takesInput: !withoutInput,
            detachKeys: try session.detachKeys(detachKeys),
            passesSignals: passesSignals
        )
        switch try session.engine().containers.attach(operands[0], request) {
        case .ended(let code): return ExitCode(value: code)
        case .detached:
            session.output.complain("read escape sequence")
            return .failure
        }
    }
}
