private import LinuxSystem
private import SystemPackage

/// A process, told apart from a later one with the same number: its number, when it started, and since which boot.
package struct ProcessIdentity: Hashable, Sendable {
    package var pid: Int64
    /// In the kernel's ticks since it booted.
    package var start: UInt64
    package var bootID: String
    /// Where the number counts; processes of two namespaces can't see each other.
    package var pidNamespace: String

    package init(pid: Int64, start: UInt64, bootID: String, pidNamespace: String) {
        self.pid = pid
        self.start = start
        self.bootID = bootID
        self.pidNamespace = pidNamespace
    }

    /// This process; nil where `/proc` isn't there.
    package static var current: ProcessIdentity? {
        guard let own = ProcessStat.own, let bootID = BootID.text, let pidNamespace else { return nil }
        return ProcessIdentity(pid: Int64(own.pid), start: own.start, bootID: bootID, pidNamespace: pidNamespace)
    }

    /// Whether the process is still there. Nil where that can't be known from here: it is of another namespace.
    package var isAlive: Bool? {
        guard let current = BootID.text, let here = Self.pidNamespace else { return nil }
        if bootID != current { return false }
        if pidNamespace != here { return nil }
        guard let pid = Int32(exactly: pid), let stat = ProcessStat(pid), !stat.isDead else { return false }
        return stat.start == start
    }

    private static var pidNamespace: String? {
        guard let proc = try? Directory.open("/proc"), let target = try? proc.readLink("self/ns/pid") else {
            return nil
        }
        return String(decoding: target, as: UTF8.self)
    }
}
