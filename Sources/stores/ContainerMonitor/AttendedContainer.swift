package import ContainerRuntime
private import Glibc
import LinuxSystem

/// A container on this process's own terminal, which nobody else knows of: it ends with the call.
package enum AttendedContainer {
    /// Runs it; the request's terminal is this process's, in raw mode while the container runs.
    package static func run(
        _ request: LaunchRequest,
        by launcher: any ContainerLauncher,
        hasTerminal: Bool = true
    ) throws(RuntimeError) -> ExitStatus {
        let inbox: SignalInbox
        do { inbox = try SignalInbox() } catch { throw RuntimeError(error.kind, "taking signals: \(error)") }
        var container = try launcher.launch(request)
        let loop = MonitorLoop(isInteractive: hasTerminal, hasTerminal: hasTerminal, leash: -1, inbox: inbox)
        return try loop.run(&container) ?? ExitStatus(.exited(code: 0))
    }

    /// Runs another program in a container, on a terminal of its own. nil where the user let go of it by `detachKeys`: then
    /// it goes on, and nobody sees what it writes.
    package static func exec(
        _ request: ExecRequest,
        by executor: any ContainerExecutor,
        isInteractive: Bool,
        detachKeys: DetachKeys? = nil,
        started: (Int32) throws(RuntimeError) -> Void = { _ in }
    ) throws(RuntimeError) -> ExitStatus? {
        let inbox: SignalInbox
        do { inbox = try SignalInbox([SIGWINCH, SIGCONT] + SignalInbox.deadly) } catch { throw RuntimeError(error.kind, "taking signals: \(error)") }
        var program = try executor.exec(request)
        try started(program.pid)
        var loop = MonitorLoop(isInteractive: isInteractive, hasTerminal: true, leash: -1, inbox: inbox)
        loop.detachKeys = detachKeys
        loop.diesOfSignals = true
        return try loop.run(&program)
    }

    /// Waits for a program whose streams are somebody else's, and passes signals on to it.
    package static func follow(_ program: inout RunningContainer) throws(RuntimeError) -> ExitStatus {
        let inbox: SignalInbox
        do { inbox = try SignalInbox() } catch { throw RuntimeError(error.kind, "taking signals: \(error)") }
        let loop = MonitorLoop(isInteractive: false, hasTerminal: false, leash: -1, inbox: inbox)
        return try loop.run(&program) ?? ExitStatus(.exited(code: 0))
    }

    /// The terminal that a container gets: as large as this process's.
    package static var terminal: LaunchIO {
        let size = TerminalMode.size()
        return .terminal(rows: size?.rows ?? 0, columns: size?.columns ?? 0)
    }
}
