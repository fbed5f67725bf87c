internal import LinuxSystem
internal import SystemPackage

/// The processes of a container.
package enum ProcessList {
    /// Their numbers on the host; none where it doesn't run.
    ///
    /// - Parameter first: the first one; where there are no control groups, those of its process namespace are meant.
    package static func of(_ id: String, at place: GroupPlace? = nil, first: Int32? = nil) throws(RuntimeError) -> [Int32] {
        let hierarchies = try ControlGroupHierarchy.discover(for: place)
        if hierarchies.isEmpty { return first.map(ofNamespace) ?? [] }
        let group = ControlGroup(id: id, hierarchies: hierarchies, place: place)
        // In version 1 its groups have the same processes; which of them is asked makes no difference.
        guard let hierarchy = group.unified ?? hierarchies.first(where: { $0.controllers.contains("pids") })
            ?? hierarchies.first
        else { return [] }
        // Those in groups that the container has made as well.
        return GroupTree(top: group.path(in: hierarchy)).processes
    }

    private static func ofNamespace(_ first: Int32) -> [Int32] {
        func namespace(_ process: Int32) -> FileStatus.Identity? {
            guard let opened = try? NamespaceKind.process.open(FilePath("/proc/\(process)/ns/pid")) else { return nil }
            return try? FileStatus(of: opened.raw).identity
        }
        guard let wanted = namespace(first), let entries = try? Directory.open("/proc").entries() else { return [] }
        return entries.compactMap { Int32($0.name.description) }.filter { namespace($0) == wanted }
    }
}
