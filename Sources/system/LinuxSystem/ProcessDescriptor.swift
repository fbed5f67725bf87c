private import CLinuxShims
private import Glibc
private import SystemPackage

/// Calls on processes by their pidfd, which names one process for as long as it is open.
package enum ProcessDescriptor {
    package enum End: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// Opens a process by number. Only its parent can be sure that the number still means the same process.
    package static func open(_ pid: Int32) throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(adopting: try check("pidfd_open", "\(pid)") { linux_pidfd_open(pid) })
    }

    package static func signal(_ descriptor: CInt, _ number: CInt) throws(SystemError) {
        try check("pidfd_send_signal") { linux_pidfd_send_signal(descriptor, number) }
    }

    /// What the process has open under a number.
    package static func take(_ number: CInt, of descriptor: CInt) throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(adopting: try check("pidfd_getfd") { linux_pidfd_getfd(descriptor, number) })
    }

    /// Whether the process ends within so many milliseconds; -1 waits for as long as it takes. It isn't reaped.
    package static func ends(_ descriptor: CInt, withinMilliseconds limit: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let count = poll(&entry, 1, limit)
            if count >= 0 { return count > 0 }
            if currentErrno() != .interrupted { return false }
        }
    }

    /// Blocks until a child has ended, and reaps it.
    package static func wait(_ descriptor: CInt) throws(SystemError) -> End {
        var code: CInt = 0
        var status: CInt = 0
        try check("waitid") { linux_pidfd_wait(descriptor, &code, &status) }
        return code == CInt(CLD_EXITED) ? .exited(status) : .signalled(status)
    }
}
