package import LinuxSystem

/// What is different where the container is made in an ordinary user's namespace.
package struct UserSpaceFacts: Sendable, Hashable {
    package var users: IDMap
    package var groups: IDMap
    /// Whether a standard stream is a file of the user's, which must stay his.
    package var hasFileStreams: Bool

    package init(
        users: IDMap,
        groups: IDMap,
        hasFileStreams: Bool = false
    ) {
        self.users = users
        self.groups = groups
        self.hasFileStreams = hasFileStreams
    }
}
