import ContainerMonitor
import ContainerRuntime
import EventStorage
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SystemPackage

extension Containers {
    /// Cleans up after monitors and commands that died half-way. Cheap where there are none: one folder is listed.
    ///
    /// What can't be cleaned up, because something is mounted in it or it is damaged, is left for later and nobody else's
    /// trouble: the error is for who removes that container.
    package func settleAbandoned() throws {
        guard let active = try Directory.openIfPresent(activeFolder) else { return }
        for id in try ActiveMark.all(in: active) where RandomID.isValid(id) {
            guard let mark = try abandoned(id, active) else { continue }
            guard (try? settle(id)) != nil else { continue }
            try mark.clear(in: active)
        }
    }

    private func abandoned(_ id: String, _ active: borrowing Directory) throws(SystemError) -> ActiveMark? {
        do { return try ActiveMark.takeAbandoned(id, in: active) } catch {
            // A store that can't be written can't be cleaned, but still be read.
            if error.kind == .forbidden { return nil }
            throw error
        }
    }

    /// Brings one container to rest whose mark this process holds.
    func settle(_ id: String) throws {
        let row = try metadata.containers.row(id)
        guard let folder = try Directory.openIfPresent(self.folder(id)) else {
            // A step of a killed build has neither folder nor row, but may have control groups.
            Leftovers.remove(of: id)
            try disconnect(id)
            // Killed while it was removed: the folder goes before the row, and had another name meanwhile.
            try removeLeaving(id)
            if row != nil { try metadata.containers.delete(id) }
            return
        }
        try stopLeftovers(id, folder)
        guard let row else {
            try removeAnonymousVolumes(of: id, PlannedVolumes(in: folder)?.names ?? [])
            return try removeFolder(id)
        }
        let document = try JSON.decode(ContainerDocument.self, from: row.document)
        if document.request.remove { return try remove(id, document, withVolumes: true) }
        // One that was started and has no end: its monitor was killed, and it with it.
        try Wishes.setPaused(false, in: folder)
        let start: StartRecord?
        let end: ExitRecord?
        do throws(RecordError) {
            start = try StartRecord(in: folder)
            end = try ExitRecord(in: folder)
        } catch {
            // Who reads it says what is wrong with it.
            return
        }
        if var end, start.map({ end.follows($0) }) ?? true {
            if !end.isRestarting { return }
            end.isRestarting = false
            return try end.write(to: folder)
        }
        guard let start else { return }
        try ExitRecord(
            code: 137,
            error: "the container's monitor died",
            startedAt: start.startedAt,
            finishedAt: WallClock.now()
        ).write(to: folder)
        tell("die", try container(row), ["exitCode": "137"])
    }

    /// Kills what still runs, and removes control groups and mounts that a monitor would have removed.
    func stopLeftovers(_ id: String, _ folder: borrowing Directory) throws {
        // A record that can't be read names no process; the control group finds it all the same.
        let start = try? StartRecord(in: folder)
        // Of one that is made or removed there is no row; it has no processes either.
        let place = try metadata.containers.row(id).flatMap { row in
            try JSON.decode(ContainerDocument.self, from: row.document).request.groupPlace(id)
        }
        Freezer.thaw(id, at: place)
        start?.process.kill()
        Leftovers.remove(of: id, at: place)
        try disconnect(id)
        if try folder.status("bundle") != nil {
            OCIExecutor.settle(id: id, bundle: self.folder(id).appending("bundle"))
        }
    }

    // MARK: - Removing

    /// Removes a container whose mark this process holds: volumes, folder and row, in an order that `settle` can go on
    /// with after any interruption.
    func remove(_ id: String, _ document: ContainerDocument, withVolumes: Bool) throws {
        try disconnect(id)
        if withVolumes { try removeAnonymousVolumes(of: id, document.mountPoints.anonymousVolumes) }
        try rename(id, in: try Directory.open(containersFolder))
        // The files first: on a full disk, the database has no room for its change before they are gone.
        try removeLeaving(id)
        let name = try metadata.containers.row(id)?.name
        try metadata.containers.delete(id)
        if let name { tell(.container, "destroy", id, Self.eventAttributes(document.config, name: name)) }
    }

    private func rename(_ id: String, in containers: borrowing Directory) throws(SystemError) {
        do { try containers.rename(PathBytes(id), to: Self.leaving(id)) } catch {
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
    }

    private func removeLeaving(_ id: String) throws {
        do throws(SystemError) { try Directory.openIfPresent(containersFolder)?.removeTree(Self.leaving(id)) } catch {
            guard [.resourceBusy, .improperLink].contains(error.errno) else { throw error }
            let folder = containersFolder.appending(Self.leaving(id).description)
            throw PlainFailure(
                .unavailable,
                "unable to remove the files of container \(id): something is mounted in \(folder)",
                hint: "unmount it: the next command removes the container then"
            )
        }
    }

    private func removeFolder(_ id: String) throws {
        try Directory.open(containersFolder).removeTree(PathBytes(id))
    }

    private static func leaving(_ id: String) -> PathBytes { PathBytes(id + ".removed") }
}
