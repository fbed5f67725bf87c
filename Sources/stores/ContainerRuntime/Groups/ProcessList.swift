internal import LinuxSystem
internal import SystemPackage

/// The processes of a container.
package enum ProcessList {
    /// Their numbers on the host; none where it doesn't run.
    package static func of(_ id: String) throws(RuntimeError) -> [Int32] {
        let hierarchies = try ControlGroupHierarchy.discover()
        let group = ControlGroup(id: id, hierarchies: hierarchies)
        // In version 1 its groups have the same processes; which of them is asked makes no difference.
        guard let hierarchy = group.unified ?? hierarchies.first(where: { $0.controllers.contains("pids") })
            ?? hierarchies.first
        else { return [] }
        guard let text = try? group.read(group.path(in: hierarchy).appending("cgroup.procs")) else { return [] }
        return text.split(separator: "\n").compactMap { Int32($0) }
    }
}
