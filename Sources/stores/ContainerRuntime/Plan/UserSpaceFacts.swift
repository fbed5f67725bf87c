package import LinuxSystem

/// What is different where the container is made in an ordinary user's namespace.
package struct UserSpaceFacts: Sendable, Hashable {
    package var users: IDMap
    package var groups: IDMap
    /// Where the host has the devices of the specification, by their paths in the container.
    package var devices: [String: String]
    /// Whether a standard stream is a file of the user's, which must stay his.
    package var hasFileStreams: Bool

    package init(
        users: IDMap,
        groups: IDMap,
        devices: [String: String] = [:],
        hasFileStreams: Bool = false
    ) {
        self.users = users
        self.groups = groups
        self.devices = devices
        self.hasFileStreams = hasFileStreams
    }
}
