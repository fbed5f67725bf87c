package import ContainerRuntime
private import Glibc
import LinuxSystem

/// A container on this process's own terminal, which nobody else knows of: it ends with the call.
package enum AttendedContainer {
    /// Runs it; the request's terminal is this process's, in raw mode while the container runs.
    package static func run(
        _ request: LaunchRequest,
        by executor: any ContainerExecutor
    ) throws(RuntimeError) -> ExitStatus {
        let inbox: SignalInbox
        do { inbox = try SignalInbox() } catch { throw RuntimeError(error.kind, "taking signals: \(error)") }
        var container = try executor.launch(request)
        let loop = MonitorLoop(isInteractive: true, hasTerminal: true, leash: -1, inbox: inbox)
        return try loop.run(&container)
    }

    /// Runs another program in a container, on a terminal of its own.
    package static func exec(_ request: ExecRequest, isInteractive: Bool) throws(RuntimeError) -> ExitStatus {
        let inbox: SignalInbox
        do { inbox = try SignalInbox([SIGWINCH]) } catch { throw RuntimeError(error.kind, "taking signals: \(error)") }
        var program = try NativeExecutor().exec(request)
        let loop = MonitorLoop(isInteractive: isInteractive, hasTerminal: true, leash: -1, inbox: inbox)
        return try loop.run(&program)
    }

    /// The terminal that a container gets: as large as this process's.
    package static var terminal: LaunchIO {
        let size = TerminalMode.size()
        return .terminal(rows: size?.rows ?? 0, columns: size?.columns ?? 0)
    }
}
