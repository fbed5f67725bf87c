/// The owners of a container's files as the host sees them, where the container has users of its own: so many numbers from `first` on
/// are the container's from 0 on.
package struct MappedOwners: Sendable, Hashable {
    package var first: UInt32
    package var count: UInt32

    package init(first: UInt32, count: UInt32) {
        self.first = first
        self.count = count
    }

    /// The container's number; what is none of its own stays what it is.
    func inner(_ id: UInt32) -> UInt32 { id >= first && id - first < count ? id - first : id }

    /// The host's number; nil where the container has no such user or group.
    func outer(_ id: UInt32) -> UInt32? { id < count ? first + id : nil }
}
