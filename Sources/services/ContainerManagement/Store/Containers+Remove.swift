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
            throw PlainFailure(
                .conflict,
                "You cannot remove a running container \(container.id). Stop the container before attempting removal "
                    + "or force remove"
            )
        }
        // Its own command may have removed it while we waited.
        if try metadata.containers.row(container.id) != nil {
            if let folder = try Directory.openIfPresent(folder(container.id)) {
                try stopLeftovers(container.id, folder)
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
        if let mark = try ActiveMark.take(container.id, in: active) { return mark }
        guard force else { return nil }
        if let folder = try Directory.openIfPresent(self.folder(container.id)) { try Wishes.stop(in: folder) }
        let attempts = 1_000
        for _ in 0..<attempts {
            // One that is being started has no record yet; its monitor writes one soon.
            if let folder = try? Directory.open(self.folder(container.id)),
                let start = try? StartRecord(in: folder)
            {
                Freezer.thaw(container.id)
                start.process.kill()
            }
            if let mark = try ActiveMark.take(container.id, in: active) { return mark }
            WallClock.sleep(milliseconds: 10)
        }
        throw PlainFailure(.unavailable, "could not kill container \(container.id): it doesn't end")
    }
}
