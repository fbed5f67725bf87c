import ContainerMonitor
package import LinuxSystem
import OCISpec
import Reporting
import SnapshotStorage
package import SystemPackage

/// The volumes of a store: `volumes/<name>/_data`, as Docker lays them.
package struct Volumes: Sendable {
    let folder: FilePath

    /// Where a volume's content is, whether it exists or not.
    package func path(_ name: String) -> FilePath { folder.appending(name).appending("_data") }

    /// The names of all volumes.
    package func names() throws(SystemError) -> [String] {
        guard let all = try Directory.openIfPresent(folder) else { return [] }
        return try all.names().map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    /// Makes a volume where it isn't there yet. While it is empty, it takes what the image has at the mount's place.
    func prepare(_ point: MountPoint, image: LayeredTree) throws {
        guard let name = point.name else { return }
        try VolumeName.check(name)
        if point.labels != nil || point.device != nil {
            _ = try create(name, labels: point.labels ?? [:], options: point.device)
        }
        let all = try Directory.open(folder, create: true, mode: 0o701)
        let volume = try all.directory(PathBytes(name), create: true, mode: 0o701)
        let own = try volume.directory("_data", create: true, mode: 0o755)
        guard point.copiesUp, let path = point.content else { return }
        if point.device == nil { return try copyUp(point, image, to: own, of: volume) }
        // What the host hasn't got is told when the container starts.
        guard let content = try Directory.openIfPresent(FilePath(path)) else { return }
        try copyUp(point, image, to: content, of: volume)
    }

    private func copyUp(
        _ point: MountPoint,
        _ image: LayeredTree,
        to content: borrowing Directory,
        of volume: borrowing Directory
    ) throws {
        guard try content.names().isEmpty, try image.isDirectory(PathBytes(point.destination)) else { return }
        // Two containers that are first at the same time must not both copy.
        let lock = try volume.lock("lock", .exclusive)
        if try content.names().isEmpty { try TreeCopy(image: image).copy(PathBytes(point.destination), to: content) }
        _ = consume lock
    }

    /// Makes an empty volume; false where there is one of that name, which stays as it is.
    func create(_ name: String, labels: [String: String], options: VolumeOptions?) throws -> Bool {
        try VolumeName.check(name)
        let all = try Directory.open(folder, create: true, mode: 0o701)
        if try all.status(PathBytes(name)) != nil { return false }
        let volume = try all.directory(PathBytes(name), create: true, mode: 0o701)
        let bytes = try JSON.encode(VolumeDocument(labels: labels, options: options?.given))
        try volume.replaceDocument(PathBytes(VolumeDocument.name), bytes)
        _ = try volume.directory("_data", create: true, mode: 0o755)
        return true
    }

    /// What is known of a volume; nil where there is no such volume.
    func facts(_ name: String) throws -> VolumeFacts? {
        guard (try? VolumeName.check(name)) != nil, let all = try Directory.openIfPresent(folder),
            let status = try all.status(PathBytes(name)), status.kind == .directory
        else { return nil }
        let volume = try all.directory(PathBytes(name))
        let bytes = try volume.readFile(PathBytes(VolumeDocument.name), limit: 1 << 20)
        let time = status.modified
        var facts = VolumeFacts(createdAt: time.seconds * 1_000_000_000 + Int64(time.nanoseconds))
        guard let bytes else { return facts }
        do throws(JSONError) {
            let document = try JSON.decode(VolumeDocument.self, from: bytes)
            facts.labels = document.labels
            facts.options = document.options ?? [:]
        } catch {
            facts.problem = PlainFailure(.corrupt, "volume \(name): \(VolumeDocument.name): \(error)")
        }
        return facts
    }

    /// What the files of a volume hold, in bytes.
    func size(_ name: String) throws -> Int64 {
        try VolumeName.check(name)
        guard let all = try Directory.openIfPresent(folder), try all.status(PathBytes(name)) != nil else { return 0 }
        return try Usage(of: "_data", in: all.directory(PathBytes(name))).content
    }

    /// Removes a volume; nothing happens where it isn't there.
    package func remove(_ name: String) throws {
        try VolumeName.check(name)
        try Directory.openIfPresent(folder)?.removeTree(PathBytes(name))
    }
}
