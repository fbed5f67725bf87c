package import OCISpec
internal import Reporting

/// Which ids of the host stand for which ids of a user namespace.
package struct UserMap: Sendable, Hashable, CustomStringConvertible {
    package var users: [RuntimeSpec.IDMapping]
    package var groups: [RuntimeSpec.IDMapping]

    /// The most lines that the kernel takes.
    private static let lineLimit = 340

    /// Refuses what the kernel would refuse less clearly: no ranges, empty ones, and those that lap over.
    package init(
        users: [RuntimeSpec.IDMapping],
        groups: [RuntimeSpec.IDMapping]
    ) throws(RuntimeError) {
        self.users = users
        self.groups = groups
        for (ranges, what) in [(users, "user"), (groups, "group")] {
            guard !ranges.isEmpty, ranges.count <= Self.lineLimit else {
                throw RuntimeError(.invalidArgument, "a user namespace needs 1 to \(Self.lineLimit) \(what) id mappings")
            }
            for range in ranges {
                let last = UInt64(UInt32.max)
                guard range.size > 0, UInt64(range.containerID) + UInt64(range.size) <= last,
                    UInt64(range.hostID) + UInt64(range.size) <= last
                else { throw RuntimeError(.invalidArgument, "invalid \(what) id mapping \(Self.line(range))") }
            }
            try Self.checkOverlap(ranges.map { ($0.containerID, $0.size) }, what)
            try Self.checkOverlap(ranges.map { ($0.hostID, $0.size) }, what)
        }
    }

    private static func checkOverlap(_ ranges: [(first: UInt32, size: UInt32)], _ what: String) throws(RuntimeError) {
        let sorted = ranges.sorted { $0.first < $1.first }
        for (one, next) in zip(sorted, sorted.dropFirst()) where UInt64(one.first) + UInt64(one.size) > next.first {
            throw RuntimeError(.invalidArgument, "\(what) id mappings overlap at \(next.first)")
        }
    }

    /// The id of the host that stands for an id inside; nil where none does.
    package func hostUser(_ id: UInt32) -> UInt32? { Self.host(id, users) }

    private static func host(_ id: UInt32, _ ranges: [RuntimeSpec.IDMapping]) -> UInt32? {
        ranges.first { $0.containerID <= id && UInt64(id) < UInt64($0.containerID) + UInt64($0.size) }.map {
            $0.hostID + (id - $0.containerID)
        }
    }

    private static func line(_ range: RuntimeSpec.IDMapping) -> String {
        "\(range.containerID) \(range.hostID) \(range.size)"
    }

    /// As `uid_map` and `gid_map` take them.
    var userLines: String { users.map { Self.line($0) + "\n" }.joined() }
    var groupLines: String { groups.map { Self.line($0) + "\n" }.joined() }

    package var description: String {
        users.map(Self.line).joined(separator: ",") + " / " + groups.map(Self.line).joined(separator: ",")
    }
}

extension LaunchRequest {
    /// Whose the files of layers shall seem: a container with ids of its own that comes in no bundle sees its own.
    var layerOwners: UserMap? {
        get throws(RuntimeError) {
            guard bundle == nil, let users = spec.linux?.uidMappings, !users.isEmpty else { return nil }
            return try UserMap(users: users, groups: spec.linux?.gidMappings ?? [])
        }
    }
}
