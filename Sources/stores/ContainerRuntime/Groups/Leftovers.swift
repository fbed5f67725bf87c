/// What a container leaves when the process that launched it was killed before it could clean up.
package enum Leftovers {
    /// Kills what is left of a container and removes its control groups. Nothing happens where nothing is left.
    package static func remove(of id: String, at place: GroupPlace? = nil) {
        // Where the hierarchies can't even be found, there are no groups to remove.
        guard let hierarchies = try? ControlGroupHierarchy.discover() else { return }
        ControlGroup(id: id, hierarchies: hierarchies, place: place).remove()
    }
}
