package import ContainerManagement
import EventStorage
package import OCISpec

extension Engine {
    /// `volume ls`
    package func listVolumes() throws -> [VolumeSummary] { try containers.listVolumes() }

    /// `volume create`: the volume's name.
    package func createVolume(_ name: String?, labels: [String: String], options: [String: String]) throws -> String {
        try containers.createVolume(name, labels: labels, options: options)
    }

    /// `volume rm`
    package func removeVolume(_ name: String) throws { try containers.removeVolume(name) }

    /// `volume prune`: those that nobody has, of those that `isWanted` names.
    package func pruneVolumes(_ isWanted: (VolumeSummary) -> Bool) throws -> PruneReport {
        let pruned = try containers.pruneVolumes(isWanted)
        var report = PruneReport()
        report.volumes = pruned.map(\.name)
        report.reclaimed = pruned.reduce(0) { $0 + $1.size }
        tell(.volume, pruned: report.reclaimed)
        return report
    }

    /// `volume inspect`, in Docker's fields.
    package func inspectVolume(_ name: String) throws -> JSONValue {
        let volume = try containers.volume(name)
        return [
            "CreatedAt": .string(Timestamp(epochNanoseconds: volume.createdAt / 1_000_000_000 * 1_000_000_000).description),
            "Driver": "local", "Labels": .object(JSONObject(volume.labels)), "Mountpoint": .string(volume.mountpoint),
            "Name": .string(volume.name), "Options": .object(JSONObject(volume.options)), "Scope": "local",
        ]
    }
}
