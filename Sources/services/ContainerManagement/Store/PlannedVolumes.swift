import ContainerMonitor
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// The anonymous volumes that a container is to get, noted before the first one is made: until the container has its row, nobody else
/// knows whose they are.
struct PlannedVolumes: Codable, Hashable {
    private static let file: PathBytes = "volumes.json"

    var names: [String]

    init(_ points: [MountPoint]) { names = points.anonymousVolumes }

    /// Those of a container whose making was broken off; nil where it was to have none.
    init?(in folder: borrowing Directory) {
        guard let bytes = try? folder.readFile(Self.file, limit: 1 << 20), let planned = try? JSON.decode(Self.self, from: bytes) else {
            return nil
        }
        names = planned.names.filter(RandomID.isValid)
    }

    /// Where there are none, nothing is noted.
    func write(to folder: FilePath) throws {
        if !names.isEmpty { try Directory.open(folder).addDocument(Self.file, try JSON.encode(self), mode: 0o600) }
    }
}
