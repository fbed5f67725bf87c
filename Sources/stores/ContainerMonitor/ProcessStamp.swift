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
    package static func of(_ pid: Int32) -> ProcessStamp? {
        guard let proc = try? Directory.open("/proc"), let start = startTime(pid, proc),
            let boot = try? proc.document("sys/kernel/random/boot_id", limit: 64)
        else { return nil }
        return ProcessStamp(
            pid: pid,
            start: start,
            boot: String(decoding: boot.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        )
    }

    /// Whether the process still exists, as a zombie too.
    package var exists: Bool { Self.of(pid) == self }

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
        var entry = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, 5_000) < 0 && errno == EINTR {}
    }

    /// The 22nd field of `/proc/<pid>/stat`; the second one, the name, may hold anything but ends at the last `)`.
    private static func startTime(_ pid: Int32, _ proc: borrowing Directory) -> UInt64? {
        guard let bytes = try? proc.document("\(pid)/stat", limit: 4_096),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
        return fields.count > 19 ? UInt64(String(decoding: fields[19], as: UTF8.self)) : nil
    }
}
