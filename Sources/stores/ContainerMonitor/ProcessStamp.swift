private import Glibc
package import LinuxSystem
private import SystemPackage

/// Names a process so that another one that got its number, or a later boot, can't be taken for it.
package struct ProcessStamp: Hashable, Sendable, Codable {
    package var pid: Int32
    /// When it began, in clock ticks since boot.
    package var start: UInt64
    package var boot: String

    package init(pid: Int32, start: UInt64, boot: String) {
        self.pid = pid
        self.start = start
        self.boot = boot
    }

    /// The process that has this number now; nil where there is none.
    package static func of(_ pid: Int32) -> ProcessStamp? { ProcessStat(pid).flatMap { ProcessStamp($0) } }

    private init?(_ stat: ProcessStat) {
        guard let boot = BootID.text else { return nil }
        self.init(pid: stat.pid, start: stat.start, boot: boot)
    }

    /// Whether the process still exists, as a zombie too.
    package var exists: Bool { Self.of(pid) == self }

    /// Whether the process exists and hasn't ended: one that nobody has waited for is no longer a container.
    package var isAlive: Bool {
        guard let stat = ProcessStat(pid), !stat.isDead else { return false }
        return ProcessStamp(stat) == self
    }

    /// Sends the process a signal if it is still this one.
    package func signal(_ number: CInt) throws(SystemError) {
        guard let descriptor = try? ProcessDescriptor.open(pid), exists else { return }
        do throws(SystemError) { try ProcessDescriptor.signal(descriptor.raw, number) } catch {
            if error.errno != .noSuchProcess { throw error }
        }
    }

    /// Kills the process if it is still this one; returns when it is gone or nobody's any more.
    package func kill() {
        guard let descriptor = try? ProcessDescriptor.open(pid), exists else { return }
        // Both may find that it has just ended, which is what was wanted.
        try? ProcessDescriptor.signal(descriptor.raw, SIGKILL)
        _ = ProcessDescriptor.ends(descriptor.raw, withinMilliseconds: 5_000)
    }
}
