import ContainerRuntime
private import Glibc
import LinuxSystem
private import Reporting
private import SystemPackage

/// The life of one container in its monitor: starts it, keeps its streams, log and records, and starts it again where its
/// policy says so.
final class Keeper {
    /// The socket in the container's folder to which commands attach.
    static let socketName = "monitor.sock"
    private static let socket = PathBytes(socketName)

    private let order: MonitorOrder
    private let folder: Directory
    private let inbox: SignalInbox
    private let log: ContainerLog?
    private let listener: OwnedDescriptor
    private var poller = Poller()
    /// The command that started the monitor, until it goes.
    private var line: AttachedClient?
    private var strangers: [CInt: AttachedClient] = [:]

    init(_ order: MonitorOrder, line: consuming OwnedDescriptor) throws(SystemError) {
        self.order = order
        folder = try Directory.open(FilePath(order.folder))
        inbox = try SignalInbox()
        log = try ContainerLog(order.log, id: order.id, in: folder)
        // One of a monitor that was killed.
        do throws(SystemError) { try folder.remove(Self.socket) } catch {
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
        listener = try UnixSocket.listen(as: Self.socket, in: folder)
        poller.watch(inbox.descriptor.raw, .readable)
        poller.watch(listener.raw, .readable)
        self.line = AttachedClient(line, order.attaches)
    }

    /// Runs the container to its last end. `settled` is called when all is written down, before the last clients have
    /// read all that waits for them.
    ///
    /// - Returns: whether the command that started the monitor was told the end.
    func run(settled: () -> Void) -> Bool {
        var count = 0
        var delay = 0
        func settle() {
            // Whoever starts the container again writes into the same files.
            log?.settle()
            settled()
        }
        while true {
            // Asked once: whoever stopped the container may start it again at once, with another monitor.
            guard let end = once(count, last: { self.isLast($0, count) }, settled: settle), end.isRestarting else { break }
            delay = RestartPolicy.delay(after: delay, ranFor: end.finishedAt - (end.startedAt ?? end.finishedAt))
            if !wait(milliseconds: delay) {
                // Stopped meanwhile.
                var last = end
                last.isRestarting = false
                try? last.write(to: folder)
                settle()
                break
            }
            count += 1
        }
        try? folder.remove(Self.socket)
        return wasHeard
    }

    private var wasHeard = false
    /// The descriptor of the command that started the monitor, in its first run.
    private var commandLine: CInt?

    private func isLast(_ end: ExitRecord, _ count: Int) -> Bool {
        Wishes.isStopped(in: folder) || !Wishes.policy(in: folder).restarts(after: end.code, count: count)
    }

    // MARK: - One run

    private func once(_ count: Int, last: (ExitRecord) -> Bool, settled: () -> Void) -> ExitRecord? {
        var result: ExitRecord?
        do throws(RuntimeError) {
            // Nobody else may have its root while it runs.
            guard let claim = try claimRoot() else {
                giveUp(settled)
                return nil
            }
            defer { withExtendedLifetime(claim) {} }
            try ContainerStreams.launch(order) { container, streams in
                result = self.keep(container, streams, count, last, settled)
            }
            return result
        } catch {
            var end = ExitRecord(
                code: error.exitCode,
                error: error.description,
                startedAt: nil,
                finishedAt: WallClock.now()
            )
            end.isRestarting = count > 0 && !last(end)
            try? end.write(to: folder)
            if !end.isRestarting { settled() }
            tellFailure(error)
            return end
        }
    }

    private func claimRoot() throws(RuntimeError) -> RootClaim? {
        do { return try RootClaim.wait(in: folder) } catch {
            throw RuntimeError(error.kind, "waiting for the container's root: \(error)")
        }
    }

    /// Stopped before it ran: what is known of it stays, but that it is to be started again.
    private func giveUp(_ settled: () -> Void) {
        if var last = try? ExitRecord(in: folder), last.isRestarting {
            last.isRestarting = false
            try? last.write(to: folder)
        }
        settled()
        tellFailure(.stoppedBeforeStart)
    }

    private func keep(
        _ given: consuming RunningContainer,
        _ streams: ContainerStreams,
        _ count: Int,
        _ last: (ExitRecord) -> Bool,
        _ settled: () -> Void
    ) -> ExitRecord {
        var container = given
        var start = StartRecord(
            process: ProcessStamp.of(container.pid) ?? ProcessStamp(pid: container.pid, start: 0, boot: ""),
            startedAt: WallClock.now()
        )
        start.restarts = count
        // Without the record the container is merely shown as created.
        try? start.write(to: folder)
        try? ExitRecord.remove(from: folder)
        order.tell("start")
        let pidfd = container.pidfd.raw
        let hub = StreamHub(
            streams,
            log: log,
            clients: takeClients(),
            inputEndsWithClient: order.inputEndsWithClient,
            signal: { try? ProcessDescriptor.signal(pidfd, $0) }
        )
        hub.watch(&poller)
        // Without a place for its records nothing is tested.
        let health = order.health.flatMap { plan in
            try? HealthWatch(plan, order, process: pidfd, start: start) { status in
                self.order.tell("health_status: \(status.rawValue)")
            }
        }
        let server = container.serverEnd
        let hasLostFiles = serve(hub, health, until: pidfd, server)
        health?.stop(&poller)
        hub.drain(&poller)
        let status: ExitStatus
        do throws(RuntimeError) { status = try container.wait() } catch { status = ExitStatus(.exited(code: 255)) }
        // Its end settles it: what is left is killed, and its control groups go.
        _ = consume container
        var end = ExitRecord(
            code: status.code,
            outOfMemory: status.outOfMemory,
            startedAt: start.startedAt,
            finishedAt: WallClock.now()
        )
        if hasLostFiles { end.error = LostFiles.reason }
        end.isRestarting = !last(end)
        try? Wishes.setPaused(false, in: folder)
        // A full disk must not hide how the container ended; the next command finds a container that died.
        try? end.write(to: folder)
        order.tell(end)
        if !end.isRestarting { settled() }
        wasHeard = commandLine.map { hub.has($0) && !order.attaches.isEmpty } ?? false
        hub.finish(MonitorFrame(.report, MonitorReport.ended(end)), &poller)
        commandLine = nil
        return end
    }

    private func takeClients() -> [AttachedClient] {
        guard let line else { return Array(strangers.values) }
        line.put(.started, [])
        self.line = nil
        commandLine = line.descriptor.raw
        return [line] + strangers.values
    }

    /// So long nothing happens before the monitor lets go of what it started with, in milliseconds.
    private static let calm: Int32 = 200

    /// Looks after the container until its first process has ended; whether that was ended because its files were gone.
    private func serve(_ hub: StreamHub, _ health: HealthWatch?, until pidfd: CInt, _ server: CInt?) -> Bool {
        strangers = [:]
        poller.watch(pidfd, .readable)
        if let server { poller.watch(server, []) }
        var hasLostFiles = false
        defer { for descriptor in [pidfd, server].compactMap(\.self) { poller.forget(descriptor) } }
        var isLean = false
        while true {
            let isHungUp = hub.isHungUp
            let patience = [isHungUp ? 50 : isLean ? nil : Self.calm, health?.milliseconds].compactMap(\.self)
            guard let happened = try? poller.wait(milliseconds: patience.min() ?? -1) else { return hasLostFiles }
            if isHungUp { hub.retry(&poller) }
            if happened.isEmpty, !isHungUp, !isLean {
                OwnMemory.giveBack()
                isLean = true
            }
            // A test takes memory, which is given back in the calm after it.
            if health?.tick(&poller) == true { isLean = false }
            for (descriptor, events) in happened {
                switch descriptor {
                case pidfd: return hasLostFiles
                case server:
                    poller.forget(descriptor)
                    if LostFiles.end(pidfd) { hasLostFiles = true }
                case inbox.descriptor.raw:
                    for number in inbox.take() { try? ProcessDescriptor.signal(pidfd, number) }
                case listener.raw: if let client = accept() { hub.add(client, &poller) }
                default: if health?.handle(descriptor, &poller) != true { hub.handle(descriptor, events, &poller) }
                }
            }
        }
    }

    private func accept() -> AttachedClient? {
        guard let socket = try? UnixSocket.accept(listener.raw) else { return nil }
        return AttachedClient(socket, [])
    }

    // MARK: - Between two runs

    /// Waits before the container is started again; false where it was stopped meanwhile.
    private func wait(milliseconds: Int) -> Bool {
        let end = WallClock.after(milliseconds: milliseconds)
        while true {
            if Wishes.isStopped(in: folder) || Wishes.policy(in: folder).name == .no { return false }
            let left = Int32((end - WallClock.now()) / 1_000_000)
            if left <= 0 { return true }
            guard let happened = try? poller.wait(milliseconds: min(left, 50)) else { return true }
            for (descriptor, _) in happened {
                switch descriptor {
                case inbox.descriptor.raw: if inbox.take().contains(where: { $0 == SIGTERM || $0 == SIGINT }) { return false }
                case listener.raw: if let client = accept() { strangers[client.descriptor.raw] = client }
                default: poller.forget(descriptor)
                }
            }
        }
    }

    private func tellFailure(_ error: RuntimeError) {
        guard let line else { return }
        line.put(.report, MonitorReport.failed(error)[...])
        _ = line.flush()
        self.line = nil
        wasHeard = true
    }
}
