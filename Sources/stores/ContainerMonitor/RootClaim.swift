package import LinuxSystem
private import Reporting

/// Says that somebody has a container's root put together: the container itself while it runs, or who copies from and to one
/// that doesn't.
///
/// The kernel lets two overlays write to the same directory, and says of neither what comes of it. The lock is the container's
/// folder itself: a file for it would be made and removed with every container.
package struct RootClaim: ~Copyable {
    private let lock: FileLock

    private init(_ lock: consuming FileLock) { self.lock = lock }

    /// Waits until nobody else has it; nil where the user wants the container stopped meanwhile.
    static func wait(in folder: borrowing Directory) throws(SystemError) -> RootClaim? {
        while true {
            if let claim = try attempt(in: folder) { return claim }
            if Wishes.isStopped(in: folder) { return nil }
            WallClock.sleep(milliseconds: 5)
        }
    }

    /// nil where somebody else has it.
    package static func attempt(in folder: borrowing Directory) throws(SystemError) -> RootClaim? {
        guard let lock = try FileLock.attempt(door(folder), .exclusive) else { return nil }
        return RootClaim(lock)
    }

    /// A lock goes with an opening, not with the folder: this one is nobody else's.
    private static func door(_ folder: borrowing Directory) throws(SystemError) -> OwnedDescriptor {
        try folder.open(".", flags: 0)
    }
}
