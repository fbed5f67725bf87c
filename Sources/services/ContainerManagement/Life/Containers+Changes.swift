import LinuxSystem
import OCISpec
import SystemPackage

extension Containers {
    /// A file that a container changed.
    package struct Change: Sendable, Hashable {
        package enum Kind: String, Sendable { case changed = "C", added = "A", deleted = "D" }

        package var kind: Kind
        /// Absolute.
        package var path: String
    }

    /// `diff`: what differs from the image, by path.
    package func changes(_ text: String) throws -> [Change] {
        let container = try find(text)
        let changes = try withWritten(by: container) { upper, lowers in
            var changes: [Change] = []
            try walk(try Directory.open(upper), "", try LayeredTree(lowers: lowers), &changes)
            return changes
        }
        return changes.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private func walk(
        _ folder: borrowing Directory,
        _ place: String,
        _ below: LayeredTree,
        _ changes: inout [Change]
    ) throws {
        for (name, status) in try folder.statuses() {
            let path = "\(place)/\(name)"
            let isThere = try below.resolve(PathBytes(path), followLast: false).status != nil
            if status.kind == .characterDevice, status.rawDevice.major == 0, status.rawDevice.minor == 0 {
                if isThere { changes.append(Change(kind: .deleted, path: path)) }
                continue
            }
            changes.append(Change(kind: isThere ? .changed : .added, path: path))
            if status.kind == .directory { try walk(try folder.directory(name), path, below, &changes) }
        }
    }
}
