import ContainerMonitor
import LinuxSystem
import OCISpec
import Reporting

/// The anonymous volumes that a container is to get, noted before the first one is made: until the container has its row, nobody else
/// knows whose they are.
struct PlannedVolumes: Codable, Hashable {
    private static let file: PathBytes = "volumes.json"

    var names: [String]

    init(_ points: [MountPoint]) { names = points.filter(\.isAnonymous).compactMap(\.name) }

    /// Those of a container whose making was broken off.
    init?(in folder: borrowing Directory) {
        guard let bytes = try? folder.readFile(Self.file, limit: 1 << 20), let planned = try? JSON.decode(Self.self, from: bytes) else {
            return nil
        }
        self = planned
    }

    /// Where there are none, nothing is noted.
    func write(to folder: borrowing Directory) throws {
        if !names.isEmpty { try folder.addDocument(Self.file, try JSON.encode(self), mode: 0o600) }
    }
}
