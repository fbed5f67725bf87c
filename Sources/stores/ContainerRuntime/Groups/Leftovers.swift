/// What a container leaves when the process that launched it was killed before it could clean up.
package enum Leftovers {
    /// Kills what is left of a container and removes its control groups. Nothing happens where nothing is left.
    package static func remove(of id: String, at place: GroupPlace? = nil) { group(id, place)?.remove() }

    /// Kills all processes of a container that nobody knows but by its control groups; these stay.
    package static func kill(of id: String, at place: GroupPlace? = nil) { group(id, place)?.kill() }

    private static func group(_ id: String, _ place: GroupPlace?) -> ControlGroup? {
        // Where the hierarchies can't even be found, there are no groups.
        (try? ControlGroupHierarchy.discover(for: place)).map { ControlGroup(id: id, hierarchies: $0, place: place) }
    }
}
