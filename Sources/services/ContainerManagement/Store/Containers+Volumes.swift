import ContainerMonitor
import EventStorage
import LinuxSystem
import MetadataStorage
import Reporting
import SnapshotStorage
import SystemPackage

/// A volume with the space that it takes.
package struct VolumeUsage: Sendable, Hashable {
    package var name: String
    /// How many containers have it.
    package var links: Int
    /// What its files hold, in bytes.
    package var size: Int64
    /// Whether it was made for a container that didn't name it.
    package var isAnonymous: Bool { RandomID.isValid(name) }
}

extension Containers {
    /// The volumes of the store, by name.
    package func volumeUsage() throws -> [VolumeUsage] {
        let names = try volumes.names()
        let links = try volumeLinks()
        return try names.map { VolumeUsage(name: $0, links: links[$0, default: []].count, size: try volumes.size($0)) }
    }

    /// What a container wrote, in bytes.
    package func writtenBytes(of container: ContainerSummary) throws -> Int64 {
        guard let folder = try Directory.openIfPresent(folder(container.id)) else { return 0 }
        if container.storageDriver == .overlay {
            return try Usage(of: PathBytes(ContainerFolder.upper), in: folder).content
        }
        return try withWritten(by: self.container(row(container.id))) { upper, _ in
            try Usage(of: "upper", in: try Directory.open(upper.parent)).content
        }
    }

    /// All volumes, by name.
    package func listVolumes() throws -> [VolumeSummary] {
        let links = try volumeLinks()
        return try volumes.names().compactMap { try summary($0, links) }
    }

    /// One volume by its name.
    package func volume(_ name: String) throws -> VolumeSummary {
        if let problem = try volumes.facts(name)?.problem { throw problem }
        return try listed(name)
    }

    private func listed(_ name: String) throws -> VolumeSummary {
        guard let volume = try summary(name, volumeLinks()) else { throw Self.noVolume(name) }
        return volume
    }

    /// `volume create`: the name; one of one's own is made where none is given. A volume that is there stays as it is.
    package func createVolume(_ name: String?, labels: [String: String], options: [String: String]) throws -> String {
        let name = name ?? RandomID.make()
        if try volumes.create(name, labels: labels, options: try VolumeOptions(options, of: name)) { tell(.volume, "create", name, ["driver": "local"]) }
        return name
    }

    /// `volume rm`: of one that no container has.
    package func removeVolume(_ name: String) throws {
        try settleAbandoned()
        let end = WallClock.after(milliseconds: Self.moment)
        while true {
            let volume = try listed(name)
            guard volume.containers.isEmpty else {
                throw PlainFailure(
                    .conflict,
                    "remove \(name): volume is in use - [\(volume.containers.joined(separator: ", "))]"
                )
            }
            // Making one, and removing one, takes a moment; then its row says which volumes it has, or it is gone.
            if try !isAnyBeingMade() { break }
            guard WallClock.now() < end else {
                throw PlainFailure(
                    .conflict,
                    "remove \(name): volume may be in use: a container is being made",
                    hint: "try again"
                )
            }
            WallClock.sleep(milliseconds: 5)
            try settleAbandoned()
        }
        try volumes.remove(name)
        tell(.volume, "destroy", name, ["driver": "local"])
    }

    private func summary(_ name: String, _ links: [String: [String]]) throws -> VolumeSummary? {
        guard let facts = try volumes.facts(name) else { return nil }
        return VolumeSummary(
            name: name,
            labels: facts.labels,
            options: facts.options,
            createdAt: facts.createdAt,
            mountpoint: volumes.path(name).string,
            containers: links[name, default: []]
        )
    }

    private static func noVolume(_ name: String) -> PlainFailure {
        PlainFailure(.notFound, "get \(name): no such volume")
    }

    /// The containers that have a volume, by its name.
    private func volumeLinks() throws -> [String: [String]] {
        try metadata.containers.all().map(container).reduce(into: [:]) { links, container in
            for name in Set(container.document.mountPoints.compactMap(\.name)) {
                links[name, default: []].append(container.id)
            }
        }
    }

    /// Removes a container's anonymous volumes, but those that another container got by `--volumes-from`.
    func removeAnonymousVolumes(of id: String, _ names: [String]) throws {
        if names.isEmpty { return }
        let links = try volumeLinks()
        for name in names where links[name, default: []].allSatisfy({ $0 == id }) {
            try volumes.remove(name)
            tell(.volume, "destroy", name, ["driver": "local"])
        }
    }

    /// Whether a container has its mark, and not yet its row, which says which volumes it has. Steps of builds have none.
    private func isAnyBeingMade() throws -> Bool {
        let active = try openActive()
        let marks = try ActiveMark.all(in: active)
        let rows = Set(try metadata.containers.all().map(\.id))
        return marks.contains { RandomID.isValid($0) && !rows.contains($0) && !ActiveMark.isStep($0, in: active) }
    }

    /// Removes the volumes that no container has, of those that `isWanted` names; those that went.
    ///
    /// A container's volumes are made after its mark and before its row. So they are listed first, then the marks, then the
    /// rows: where every mark has its row, a volume that no row names is nobody's.
    package func pruneVolumes(_ isWanted: (VolumeSummary) -> Bool = \.isAnonymous) throws -> [VolumeUsage] {
        try settleAbandoned()
        let wanted = try listVolumes().filter(isWanted).map(\.name)
        guard try !isAnyBeingMade() else { return [] }
        let links = try volumeLinks()
        let unused = try wanted.filter { links[$0] == nil }.map { name in
            VolumeUsage(name: name, links: 0, size: try volumes.size(name))
        }
        for volume in unused {
            try volumes.remove(volume.name)
            tell(.volume, "destroy", volume.name, ["driver": "local"])
        }
        return unused
    }
}
