internal import LinuxSystem
internal import Reporting
internal import SystemPackage

/// Holds all processes of a container up, and lets them go on: `pause`, `unpause`.
package enum Freezer {
    /// Returns when every process of the container stands still.
    package static func freeze(_ id: String) throws(RuntimeError) {
        do throws(SystemError) { try set(id, isFrozen: true) } catch {
            throw RuntimeError("pausing the container", error)
        }
    }

    /// What runs, or is gone, stays as it is.
    package static func thaw(_ id: String) { try? set(id, isFrozen: false) }

    private static func set(_ id: String, isFrozen: Bool) throws(SystemError) {
        guard let hierarchies = try? ControlGroupHierarchy.discover() else { return }
        let group = ControlGroup(id: id, hierarchies: hierarchies)
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
        guard let unified = group.unified else { throw SystemError("open", "cgroup.freeze", .notSupported) }
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
