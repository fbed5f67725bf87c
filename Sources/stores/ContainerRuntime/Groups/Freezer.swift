internal import LinuxSystem
internal import Reporting
internal import SystemPackage

/// Holds all processes of a container up, and lets them go on: `pause`, `unpause`.
package enum Freezer {
    /// Whether there is anything to do it with: an ordinary user may have no control groups.
    package static var isPossible: Bool { (try? ControlGroupHierarchy.discover())?.isEmpty == false }

    /// Returns when every process of the container stands still.
    package static func freeze(_ id: String, at place: GroupPlace? = nil) throws(RuntimeError) {
        do throws(SystemError) { try set(id, place, isFrozen: true) } catch {
            throw RuntimeError("pausing the container", error)
        }
    }

    /// What runs, or is gone, stays as it is.
    package static func thaw(_ id: String, at place: GroupPlace? = nil) { try? set(id, place, isFrozen: false) }

    /// Whether the processes of the container stand still.
    package static func isFrozen(_ id: String, at place: GroupPlace? = nil) -> Bool {
        guard let hierarchies = try? ControlGroupHierarchy.discover(for: place) else { return false }
        let group = ControlGroup(id: id, hierarchies: hierarchies, place: place)
        if let freezer = group.hierarchy(of: "freezer") {
            // One above that is frozen counts as well: nothing in the container moves.
            let state = try? group.read(group.path(in: freezer).appending("freezer.state"))
            return state?.hasPrefix("FROZEN") == true
        }
        guard let unified = group.unified else { return false }
        return (try? group.read(group.path(in: unified).appending("cgroup.freeze")))?.hasPrefix("1") == true
    }

    private static func set(_ id: String, _ place: GroupPlace?, isFrozen: Bool) throws(SystemError) {
        guard let hierarchies = try? ControlGroupHierarchy.discover(for: place) else { return }
        let group = ControlGroup(id: id, hierarchies: hierarchies, place: place)
        if let freezer = group.hierarchy(of: "freezer") {
            let file = group.path(in: freezer).appending("freezer.state")
            let state = isFrozen ? "FROZEN" : "THAWED"
            for _ in 0..<500 {
                try group.write(state, to: file)
                if try group.read(file).hasPrefix(state) { return }
                Pause.milliseconds(2)
            }
            throw SystemError("write", file.string, .resourceBusy)
        }
        guard let unified = group.unified else {
            throw SystemError("control groups that are delegated to this user", nil, .noSuchFileOrDirectory)
        }
        let folder = group.path(in: unified)
        try group.write(isFrozen ? "1" : "0", to: folder.appending("cgroup.freeze"))
        for _ in 0..<500 {
            let events = try group.read(folder.appending("cgroup.events"))
            if events.split(separator: "\n").contains(isFrozen ? "frozen 1" : "frozen 0") { return }
            Pause.milliseconds(2)
        }
        throw SystemError("write", folder.string, .resourceBusy)
    }
}
