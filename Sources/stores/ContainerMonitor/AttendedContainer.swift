package import ContainerRuntime
private import Glibc
import LinuxSystem

/// A container on this process's own terminal or streams, which nobody else knows of: it ends with the call.
package enum AttendedContainer {
    /// Runs it. The request's terminal is this process's, in raw mode while the container runs; without one, its streams lead
    /// to this process's.
    package static func run(
        _ request: LaunchRequest,
        by launcher: any ContainerLauncher,
        hasTerminal: Bool = true
    ) throws(RuntimeError) -> ExitStatus {
        let inbox = try Self.inbox()
        let streams = hasTerminal ? nil : try StreamRelay(readsInput: true)
        var request = request
        if let streams { request.io = streams.io }
        var container = try launcher.launch(request)
        var loop = MonitorLoop(isInteractive: hasTerminal, hasTerminal: hasTerminal, leash: -1, inbox: inbox)
        loop.streams = streams
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
        let inbox = try Self.inbox([SIGWINCH, SIGCONT] + SignalInbox.deadly)
        var program = try executor.exec(request)
        try started(program.pid)
        var loop = MonitorLoop(isInteractive: isInteractive, hasTerminal: true, leash: -1, inbox: inbox)
        loop.detachKeys = detachKeys
        loop.diesOfSignals = true
        return try loop.run(&program)
    }

    /// Runs another program in a container, with streams that lead to this process's.
    ///
    /// - Parameter passesSignals: whether the program gets the signals that come here; without, they end this process, and the
    ///   program goes on.
    package static func execPiped(
        _ request: ExecRequest,
        by executor: any ContainerExecutor,
        isInteractive: Bool,
        passesSignals: Bool,
        started: (Int32) throws(RuntimeError) -> Void = { _ in }
    ) throws(RuntimeError) -> ExitStatus {
        let numbers = passesSignals ? SignalInbox.forwarded : SignalInbox.notIgnored(among: SignalInbox.deadly)
        let inbox = try Self.inbox(numbers)
        let streams = try StreamRelay(readsInput: isInteractive)
        var request = request
        request.io = streams.io
        var program = try executor.exec(request)
        try started(program.pid)
        var loop = MonitorLoop(isInteractive: false, hasTerminal: false, leash: -1, inbox: inbox)
        loop.streams = streams
        loop.diesOfSignals = !passesSignals
        return try loop.run(&program) ?? ExitStatus(.exited(code: 0))
    }

    /// Waits for a program whose terminal is somebody else's, and passes signals on to it.
    package static func follow(_ program: inout RunningContainer) throws(RuntimeError) -> ExitStatus {
        let inbox = try Self.inbox()
        let loop = MonitorLoop(isInteractive: false, hasTerminal: false, leash: -1, inbox: inbox)
        return try loop.run(&program) ?? ExitStatus(.exited(code: 0))
    }

    private static func inbox(_ numbers: [CInt] = SignalInbox.forwarded) throws(RuntimeError) -> SignalInbox {
        do { return try SignalInbox(numbers) } catch { throw RuntimeError(error.kind, "taking signals: \(error)") }
    }

    /// The terminal that a container gets: as large as this process's.
    package static var terminal: LaunchIO {
        let size = TerminalMode.size()
        return .terminal(rows: size?.rows ?? 0, columns: size?.columns ?? 0)
    }
}
