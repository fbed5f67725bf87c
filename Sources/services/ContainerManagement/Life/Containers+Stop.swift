package import ContainerMonitor
import ContainerRuntime
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting

extension Containers {
    private static let standardTimeout = 10

    /// `stop`: asks the container to end, and kills it after so many seconds (-1: never). nil is what the container itself
    /// says, and ten seconds.
    package func stop(_ text: String, seconds: Int? = nil, signal: String? = nil) throws {
        guard let container = try running(try find(text)) else { return }
        let number = try Self.stopSignal(signal, of: container)
        let folder = try Directory.open(folder(container.id))
        try Wishes.stop(in: folder)
        try send(number, to: container, folder)
        let seconds = seconds ?? container.document.config.stopTimeout ?? Self.standardTimeout
        defer { tell("stop", container) }
        if !rests(container.id, milliseconds: seconds < 0 ? nil : seconds.multiplied(clampingBy: 1_000)) {
            try send(9, to: container, folder)
            guard rests(container.id, milliseconds: 10_000) else {
                throw PlainFailure(.unavailable, "could not kill container \(container.id): it doesn't end")
            }
        }
        freePlaces(of: container)
    }

    /// The signal that is asked for, or the container's own as far as its image says one that there is.
    private static func stopSignal(_ asked: String?, of container: Container) throws(PlainFailure) -> Int32 {
        let usual: Int32 = 15
        guard let asked, !asked.isEmpty else { return SignalName.number(container.document.config.stopSignal) ?? usual }
        guard let number = SignalName.number(asked) else { throw PlainFailure(.invalidArgument, "Invalid signal: \(asked)") }
        return number
    }

    /// Its monitor does the same next: whoever asks for its ports from here on is to be refused.
    private func freePlaces(of container: Container) {
        guard case .network = container.document.request.network else { return }
        // Where it can't be done here, the next command does it.
        try? freeAbandonedPlaces()
    }

    /// The container where it runs. One that is being started and waits for its root is called off; where it is too late for
    /// that, it runs soon.
    private func running(_ given: Container) throws -> Container? {
        var container = given
        let active = try openActive()
        let end = WallClock.after(milliseconds: Self.moment)
        while !container.isRunning {
            guard try ActiveMark.isHeld(container.id, in: active),
                let folder = try Directory.openIfPresent(self.folder(container.id))
            else { return nil }
            if WallClock.now() > end {
                // What is entering, and doesn't come to its program, is in no record.
                Leftovers.kill(of: container.id, at: try container.groupPlace)
                if rests(container.id, milliseconds: Self.moment) { return nil }
                throw PlainFailure(.unavailable, "could not stop container \(container.id): it is still being started")
            }
            // Whoever starts it forgets older wishes.
            try Wishes.stop(in: folder)
            WallClock.sleep(milliseconds: 5)
            guard let row = try metadata.containers.row(container.id) else { return nil }
            container = try self.container(row)
        }
        return container
    }

    /// `kill`: sends a signal to the container's first process. With KILL, waits for its end.
    package func kill(_ text: String, signal: String) throws {
        guard let number = SignalName.number(signal) else {
            throw PlainFailure(.invalidArgument, "Invalid signal: \(signal)")
        }
        let container = try find(text)
        guard container.isRunning else {
            throw PlainFailure(
                .conflict,
                "Cannot kill container: \(text): Container \(container.id) is not running"
            )
        }
        let folder = try Directory.open(folder(container.id))
        let stop = container.document.config.stopSignal
        // Docker takes these for the user's wish that it ends.
        if number == 9 || number == SignalName.number(stop.isEmpty ? "TERM" : stop) { try Wishes.stop(in: folder) }
        try send(number, to: container, folder)
        if number == 9, rests(container.id, milliseconds: 10_000) { freePlaces(of: container) }
    }

    private func send(_ number: Int32, to container: Container, _ folder: borrowing Directory) throws {
        guard let start = try StartRecord(in: folder) else { return }
        try start.process.signal(number)
        tell("kill", container, ["signal": "\(number)"])
        // One that stands still takes no signal.
        if case .paused = container.state {
            Freezer.thaw(container.id, at: try container.groupPlace)
            try Wishes.setPaused(false, in: folder)
        }
    }

    /// Waits until nobody looks after the container any more; false where that took too long.
    func rests(_ id: String, milliseconds: Int?) -> Bool {
        comesTrue(within: milliseconds) {
            guard let active = try? openActive() else { return true }
            return (try? ActiveMark.isHeld(id, in: active)) != true
        }
    }

    /// `wait`: blocks until the container doesn't run; its status.
    package func wait(_ text: String) throws -> Int32 {
        let container = try find(text)
        if container.isRunning {
            if let line = try AttachSession.connect(to: folder(container.id)),
                let end = AttachSession.waitForEnd(on: line)
            {
                awaitRemoval(of: container)
                return end.code
            }
            _ = rests(container.id, milliseconds: nil)
        } else if case .exited(let code, _, _, _) = container.state {
            if container.document.request.remove {
                awaitRemoval(of: container)
                return code
            }
            // Its end is written down before its monitor has let go of everything.
            _ = try comesToRest(container.id)
        }
        guard let row = try metadata.containers.row(container.id) else { return 0 }
        try settleAbandoned()
        switch try self.container(row).state {
        case .created(let code): return code
        case .exited(let code, _, _, _), .restarting(let code, _, _): return code
        case .running, .paused: return 0
        }
    }

    /// One that is thrown away at its end is gone when its end is told: its name can be taken again.
    ///
    /// Its monitor hands it on to somebody who removes it; between the two, nobody has its mark. So the row is what is waited for.
    func awaitRemoval(of container: Container) {
        guard container.document.request.remove else { return }
        _ = comesTrue(within: Self.moment) {
            try? settleAbandoned()
            return (try? metadata.containers.row(container.id)) == nil
        }
    }

    /// `restart`: stops it if it runs, and starts it.
    package func restart(_ text: String, seconds: Int?, signal: String?) throws {
        let container = try find(text)
        if container.isRunning, container.document.request.remove {
            throw PlainFailure(
                .unsupported,
                "container \(container.id) is removed when it ends (--rm), and can't be restarted"
            )
        }
        try stop(text, seconds: seconds, signal: signal)
        _ = try start(container.id)
        tell("restart", container)
    }

    // MARK: - Pausing

    /// `pause`
    package func pause(_ text: String) throws {
        let container = try find(text)
        switch container.state {
        case .running: break
        case .paused: throw PlainFailure(.conflict, "Container \(container.id) is already paused")
        case .restarting:
            throw PlainFailure(.conflict, "Container \(container.id) is restarting, wait until the container is running")
        case .created, .exited: throw PlainFailure(.conflict, "Container \(container.id) is not running")
        }
        let folder = try Directory.open(folder(container.id))
        try Freezer.freeze(container.id, at: try container.groupPlace)
        try Wishes.setPaused(true, in: folder)
        tell("pause", container)
    }

    /// `unpause`
    package func unpause(_ text: String) throws {
        let container = try find(text)
        guard case .paused = container.state else {
            throw PlainFailure(.conflict, "Container \(container.id) is not paused")
        }
        let folder = try Directory.open(folder(container.id))
        Freezer.thaw(container.id, at: try container.groupPlace)
        try Wishes.setPaused(false, in: folder)
        tell("unpause", container)
    }

    // MARK: - Names

    /// `rename`
    package func rename(_ text: String, to name: String) throws {
        try settleAbandoned()
        let name = try ContainerName.checked(name)
        // Read where it is written: what another command changes meanwhile stays changed.
        let (row, former) = try metadata.transaction {
            var row = try self.row(text)
            let former = row.name
            if former == name {
                throw PlainFailure(
                    .invalidArgument,
                    "Renaming a container with the same name as its current name"
                )
            }
            row.name = name
            try metadata.containers.update(row)
            return (row, former)
        }
        // For the monitor, which knows it by its former name.
        if let folder = try Directory.openIfPresent(folder(row.id)) {
            try folder.replaceDocument(MonitorOrder.nameFile, Array(name.utf8))
        }
        let container = try container(row)
        try networks.rename(try member(row.id, container.document))
        tell("rename", container, ["oldName": "/" + former])
    }

    // MARK: - Output

    /// `logs`: hands out the records of a container's log. `pause` is called when all that is there was handed out.
    package func logs(
        _ text: String,
        _ query: LogQuery,
        pause: () -> Void,
        _ body: (LogRecord) -> Bool
    ) throws {
        let container = try find(text)
        let policy = container.document.request.log ?? .standard
        if policy.driver == .none {
            throw PlainFailure(.unsupported, "configured logging driver does not support reading")
        }
        let folder = try Directory.open(folder(container.id))
        let active = try openActive()
        try LogReader(policy, id: container.id).read(
            query,
            in: folder,
            isRunning: { try ActiveMark.isHeld(container.id, in: active) },
            pause: pause,
            body
        )
    }
}
