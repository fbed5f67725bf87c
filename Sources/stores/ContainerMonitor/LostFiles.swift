private import Glibc
import LinuxSystem

/// What becomes of a container whose files nobody serves any more.
enum LostFiles {
    /// Why it was ended, for its record.
    static let reason = "the program that served the container's files (fuse-overlayfs) died"
    /// A process that is ending has ended after that, in milliseconds.
    private static let lastMoment: Int32 = 1_000

    /// Ends a container whose server has ended; whether that was needed. The server ends with the last of the container's processes
    /// as well, a moment before that can be seen.
    static func end(_ container: CInt) -> Bool {
        if ProcessDescriptor.ends(container, withinMilliseconds: lastMoment) { return false }
        try? ProcessDescriptor.signal(container, SIGKILL)
        return true
    }
}
