private import SystemPackage

extension MountTree {
    /// An overlay whose layers have mapped owners, made by a thread that acts on files as one of those that are mapped:
    /// overlayfs goes on acting as whoever made it, and the host's root is nobody there.
    package static func overlay(
        lowers: [CInt],
        upper: CInt,
        work: CInt,
        volatile: Bool,
        actingAs user: UInt32,
        group: UInt32
    ) throws(SystemError) -> MountTree {
        let made = try DetachedThread.value(orThrow: .noThread) { () throws(SystemError) in
            try FileIdentity.take(user: user, group: group)
            return try overlay(lowers: lowers, upper: upper, work: work, volatile: volatile).takeDescriptor().release()
        }
        return MountTree(adopting: OwnedDescriptor(adopting: made))
    }
}
