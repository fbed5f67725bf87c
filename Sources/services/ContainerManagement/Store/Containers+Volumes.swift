import ContainerMonitor
import LinuxSystem
import MetadataStorage

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
        return try names.map { VolumeUsage(name: $0, links: links[$0, default: 0], size: try volumes.size($0)) }
    }

    private func volumeLinks() throws -> [String: Int] {
        try metadata.containers.all().map(container).reduce(into: [:]) { links, container in
            for name in Set(container.document.mountPoints.compactMap(\.name)) { links[name, default: 0] += 1 }
        }
    }

    /// Removes the anonymous volumes that no container has; those that went.
    ///
    /// A container's volumes are made after its mark and before its row. So they are listed first, then the marks, then the
    /// rows: where every mark has its row, a volume that no row names is nobody's.
    package func pruneVolumes() throws -> [VolumeUsage] {
        try settleAbandoned()
        let names = Set(try volumes.names().filter(RandomID.isValid))
        let marks = try ActiveMark.all(in: openActive())
        let rows = Set(try metadata.containers.all().map(\.id))
        guard marks.allSatisfy({ !RandomID.isValid($0) || rows.contains($0) }) else { return [] }
        let unused = try volumeUsage().filter { names.contains($0.name) && $0.links == 0 }
        for volume in unused { try volumes.remove(volume.name) }
        return unused
    }
}
