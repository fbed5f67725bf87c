package import ContainerRuntime
private import Glibc
private import LinuxSystem
private import Reporting
private import SystemPackage

// The parent of one container: starts it, passes terminal and signals, waits, and writes down how it ended.
//
// The module knows nothing of images, names or the database. `Monitor` is the loop; it runs in the process that wants the
// container (`run --rm` without a terminal) or in one of its own (`MonitorProcess`), which outlives the command.

/// Runs one container from its start to its end.
package struct Monitor {
    private let order: MonitorOrder
    /// Readable or hung up when the command that is attached has died; -1 where it can't without this process.
    private let leash: CInt
    private let started: (StartRecord) -> Void

    /// The standard streams lead to those of this process. `started` is called when the program has been executed.
    package init(_ order: MonitorOrder, leash: CInt = -1, started: @escaping (StartRecord) -> Void = { _ in }) {
        self.order = order
        self.leash = leash
        self.started = started
    }

    /// Starts the container, stays with it, and leaves nothing of it but its folder: `exit.json` says how it ended.
    package func run() throws(RuntimeError) -> ExitRecord {
        let folder = try wrap("opening the container's folder") { () throws(SystemError) in
            try Directory.open(FilePath(order.folder))
        }
        // Signals that come while the container is made are passed on as soon as there is somebody to take them.
        let inbox = try wrap("taking signals") { () throws(SystemError) in try SignalInbox() }
        // Nobody else may have its root while it runs.
        let claim = try wrap("waiting for the container's root") { () throws(SystemError) in try RootClaim.wait(in: folder) }
        guard let claim else { throw RuntimeError.stoppedBeforeStart }
        defer { withExtendedLifetime(claim) {} }
        let streams = order.hasTerminal ? nil : try StreamRelay(readsInput: order.isInteractive)
        var container: RunningContainer
        do throws(RuntimeError) { container = try launch(streams) } catch {
            record(
                ExitRecord(
                    code: error.exitCode,
                    error: error.description,
                    startedAt: nil,
                    finishedAt: WallClock.now()
                ),
                in: folder
            )
            throw error
        }
        let start = StartRecord(
            process: ProcessStamp.of(container.pid) ?? ProcessStamp(pid: container.pid, start: 0, boot: ""),
            startedAt: WallClock.now()
        )
        // Without the record the container is merely shown as created.
        try? start.write(to: folder)
        order.tell("start")
        started(start)
        var loop = MonitorLoop(
            isInteractive: order.isInteractive,
            hasTerminal: order.hasTerminal,
            leash: leash,
            inbox: inbox
        )
        loop.streams = streams
        let status = try loop.run(&container) ?? ExitStatus(.exited(code: 0))
        // Its end settles it: what is left is killed, and its control groups go.
        _ = consume container
        var end = ExitRecord(
            code: status.code,
            outOfMemory: status.outOfMemory,
            startedAt: start.startedAt,
            finishedAt: WallClock.now()
        )
        if status.hasLostFiles { end.error = LostFiles.reason }
        record(end, in: folder)
        order.tell(end)
        return end
    }

    /// What is thrown away in a moment needs no record.
    private func record(_ end: ExitRecord, in folder: borrowing Directory) {
        // A full disk must not hide how the container ended; the next command finds a container that died.
        if !order.isTemporary { try? end.write(to: folder) }
    }

    private func launch(_ streams: StreamRelay?) throws(RuntimeError) -> RunningContainer {
        try order.executor.launch(order.launchRequest(streams?.io ?? AttendedContainer.terminal))
    }

    private func wrap<Value: ~Copyable>(
        _ purpose: String,
        _ body: () throws(SystemError) -> Value
    ) throws(RuntimeError) -> Value {
        do { return try body() } catch { throw RuntimeError(error.kind, "\(purpose): \(error)") }
    }
}

extension RuntimeError {
    /// Somebody else had the container's root until it was to be stopped.
    static var stoppedBeforeStart: RuntimeError {
        RuntimeError(.conflict, "the container was stopped before it could be started")
    }
}
