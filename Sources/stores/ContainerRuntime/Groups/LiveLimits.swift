package import OCISpec

/// Limits of a container that runs.
package enum LiveLimits {
    /// Sets what `resources` has; what it hasn't stays.
    package static func apply(_ resources: RuntimeSpec.Resources, to id: String, at place: GroupPlace? = nil)
        throws(RuntimeError)
    {
        let group = ControlGroup(id: id, hierarchies: try ControlGroupHierarchy.discover(for: place), place: place)
        var limits = resources
        limits.devices = nil
        if place != nil { try limits.checkSupport(isUnified: group.isUnified) }
        // A swap limit must not be below the memory limit at any time: where it grows, it goes first.
        if !group.isUnified, let swap = resources.memory?.swap, swap != 0 {
            var first = RuntimeSpec.Resources()
            first.memory = .init()
            first.memory?.swap = swap
            // One that shrinks is refused now, and set after the memory limit.
            try? group.apply(first)
        }
        place?.scope?.update(limits, isUnified: group.isUnified)
        try group.apply(limits)
    }
}
