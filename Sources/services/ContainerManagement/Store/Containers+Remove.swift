import ContainerMonitor
import ContainerRuntime
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting

extension Containers {
    /// `rm`: of a running one only with `force`, which kills it. `volumes` takes its anonymous volumes as well.
    package func remove(_ text: String, force: Bool, volumes: Bool) throws {
        let container = try find(text)
        let active = try openActive()
        guard let mark = try take(container, force: force, active) else {
            let (state, way) = container.state.word == "paused"
                ? ("paused", "Unpause and then stop") : ("running", "Stop")
            throw PlainFailure(
                .conflict,
                "You cannot remove a \(state) container \(container.id). \(way) the container before attempting removal "
                    + "or force remove"
            )
        }
        // Its own command may have removed it while we waited.
        if try metadata.containers.row(container.id) != nil {
            if let folder = try Directory.openIfPresent(folder(container.id)) {
                try stopLeftovers(container.id, folder)
            } else {
                Leftovers.remove(of: container.id, at: try container.groupPlace)
            }
            try remove(container.id, container.document, withVolumes: volumes || container.document.request.remove)
        }
        try mark.clear(in: active)
    }

    /// The mark of a container that nobody looks after any more; with `force`, of any: it is killed.
    private func take(
        _ container: Container,
        force: Bool,
        _ active: borrowing Directory
    ) throws -> ActiveMark? {
        if !force { return try markAtRest(container.id, active) }
        if let mark = try ActiveMark.take(container.id, in: active) { return mark }
        if container.isRunning { tell("kill", container, ["signal": "9"]) }
        let attempts = 1_000
        // Whoever ends by himself needs a few.
        let patience = 50
        for attempt in 0..<attempts {
            // One that is being started has no record yet; its monitor writes one soon.
            if let folder = try? Directory.open(self.folder(container.id)) {
                // Each time: whoever starts it forgets older wishes.
                try? Wishes.stop(in: folder)
                if let start = try? StartRecord(in: folder) {
                    Freezer.thaw(container.id, at: try container.groupPlace)
                    start.process.kill()
                }
                // A program that is entering, and doesn't come to an end with that, is in no record.
                if attempt >= patience { Leftovers.kill(of: container.id, at: try container.groupPlace) }
            } else {
                // Somebody has deleted its folder: its control groups still know what runs in it.
                let place = try container.groupPlace
                Freezer.thaw(container.id, at: place)
                Leftovers.kill(of: container.id, at: place)
            }
            if let mark = try ActiveMark.take(container.id, in: active) { return mark }
            WallClock.sleep(milliseconds: 10)
        }
        throw PlainFailure(.unavailable, "could not kill container \(container.id): it doesn't end")
    }
}
