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
        guard let (pid, start) = status("self"), let bootID, let pidNamespace else { return nil }
        return ProcessIdentity(pid: pid, start: start, bootID: bootID, pidNamespace: pidNamespace)
    }

    /// Whether the process is still there. Nil where that can't be known from here: it is of another namespace.
    package var isAlive: Bool? {
        guard let current = Self.bootID, let here = Self.pidNamespace else { return nil }
        if bootID != current { return false }
        if pidNamespace != here { return nil }
        guard let (_, start) = Self.status(String(pid)) else { return false }
        return start == self.start
    }

    private static var bootID: String? {
        guard let bytes = read("sys/kernel/random/boot_id") else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
    }

    private static var pidNamespace: String? {
        guard let proc = try? Directory.open("/proc"), let target = try? proc.readLink("self/ns/pid") else {
            return nil
        }
        return String(decoding: target, as: UTF8.self)
    }

    /// The first and the 22nd field of `/proc/<pid>/stat`; the second is in parentheses and may hold anything.
    private static func status(_ process: String) -> (pid: Int64, start: UInt64)? {
        guard let bytes = read("\(process)/stat"), let end = bytes.lastIndex(of: UInt8(ascii: ")")),
            let pid = Int64(String(decoding: bytes.prefix { $0 != 0x20 }, as: UTF8.self))
        else { return nil }
        let fields = bytes[(end + 1)...].split(separator: 0x20)
        // The third field is the state; a zombie holds no resources and will not go on.
        guard fields.count > 19, fields[0] != [UInt8(ascii: "Z")], fields[0] != [UInt8(ascii: "X")],
            let start = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        return (pid, start)
    }

    private static func read(_ name: String) -> [UInt8]? {
        guard let proc = try? Directory.open("/proc"), let file = try? proc.open(PathBytes(name), flags: 0) else {
            return nil
        }
        return try? DescriptorIO.readAll(file.raw, limit: 65_536)
    }
}
