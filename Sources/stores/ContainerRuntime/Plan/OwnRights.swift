package import LinuxSystem

/// What the process may do that starts a container, and who it is: on a machine's own account root may do everything, but in a
/// container, or a service, some of it may be taken away.
package struct OwnRights: Sendable, Hashable {
    package var effective = CapabilitySet.all
    /// What programs that are executed can get.
    package var bounding = CapabilitySet.all
    package var group: UInt32 = 0
    package var groups: [UInt32] = []

    package init() {}

    package func has(_ capability: Capability) -> Bool { effective.contains(capability) }
}
