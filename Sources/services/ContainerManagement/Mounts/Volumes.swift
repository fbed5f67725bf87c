import LinuxSystem
import Reporting
package import SystemPackage

/// The volumes of a store: `volumes/<name>/_data`, as Docker lays them.
package struct Volumes: Sendable {
    let folder: FilePath

    /// Where a volume's content is, whether it exists or not.
    package func path(_ name: String) -> FilePath { folder.appending(name).appending("_data") }

    /// The names of all volumes.
    package func names() throws(SystemError) -> [String] {
        do { return try Directory.open(folder).names().map { String(decoding: $0, as: UTF8.self) }.sorted() } catch
            where error.errno == .noSuchFileOrDirectory {
            return []
        }
    }

    /// Makes a volume where it isn't there yet. While it is empty, it takes what the image has at the mount's place.
    func prepare(_ point: MountPoint, image: () throws -> Directory?) throws {
        guard let name = point.name else { return }
        try VolumeName.check(name)
        let all = try Directory.open(folder, create: true, mode: 0o701)
        let volume = try all.directory(PathBytes(name), create: true, mode: 0o701)
        let content = try volume.directory("_data", create: true, mode: 0o755)
        guard point.copiesUp, try content.names().isEmpty else { return }
        // Two containers that are first at the same time must not both copy.
        let lock = try volume.lock("lock", .exclusive)
        if try content.names().isEmpty, let source = try image() {
            try TreeCopy.copyContents(of: source, to: content)
            try TreeCopy.copyAttributes(of: source, to: content)
        }
        _ = consume lock
    }

    /// Removes a volume; nothing happens where it isn't there.
    package func remove(_ name: String) throws {
        try VolumeName.check(name)
        let all: Directory
        do { all = try Directory.open(folder) } catch where error.errno == .noSuchFileOrDirectory { return }
        try all.removeTree(PathBytes(name))
    }
}
