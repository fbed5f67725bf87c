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
    package static func of(_ pid: Int32) -> ProcessStamp? { look(pid)?.stamp }

    /// Whether the process still exists, as a zombie too.
    package var exists: Bool { Self.of(pid) == self }

    /// Whether the process exists and hasn't ended: one that nobody has waited for is no longer a container.
    package var isAlive: Bool {
        guard let (stamp, state) = Self.look(pid), stamp == self else { return false }
        return state != UInt8(ascii: "Z") && state != UInt8(ascii: "X")
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

    /// Who has a number now, and the letter of what it does: the 22nd and the third field of `/proc/<pid>/stat`. The second one,
    /// the name, may hold anything but ends at the last `)`.
    private static func look(_ pid: Int32) -> (stamp: ProcessStamp, state: UInt8?)? {
        guard let proc = try? Directory.open("/proc"), let bytes = try? proc.document("\(pid)/stat", limit: 4_096),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let start = UInt64(String(decoding: fields[19], as: UTF8.self)),
            let boot = try? proc.document("sys/kernel/random/boot_id", limit: 64)
        else { return nil }
        let name = String(decoding: boot.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return (ProcessStamp(pid: pid, start: start, boot: name), fields[0].first)
    }
}
