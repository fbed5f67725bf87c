private import CLinuxShims
private import Glibc
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
        let result = Guarded<Swift.Result<CInt, SystemError>?>(nil)
        let isStarted = DetachedThread.start {
            let made: Swift.Result<CInt, SystemError>
            do throws(SystemError) {
                try check("capset", "files of \(user)") { linux_act_on_files_as(user, group) }
                let tree = try overlay(lowers: lowers, upper: upper, work: work, volatile: volatile)
                made = .success(tree.takeDescriptor().release())
            } catch {
                made = .failure(error)
            }
            result.update { $0 = made }
        }
        guard isStarted else { throw SystemError("pthread_create", nil, .resourceTemporarilyUnavailable) }
        return MountTree(adopting: OwnedDescriptor(adopting: try result.wait { $0 }.get()))
    }
}
