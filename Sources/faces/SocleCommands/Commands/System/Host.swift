private import Glibc
import LinuxSystem
import SystemPackage

/// Facts of the machine, as `info` and `version` tell them.
enum Host {
    /// `6.1.0-18-amd64`.
    static var kernelVersion: String { line("/proc/sys/kernel/osrelease") }
    /// What the machine is known by; its name where it has no number.
    static var identity: String {
        let number = line("/etc/machine-id")
        return number.isEmpty ? name : number
    }
    static var name: String { line("/proc/sys/kernel/hostname") }

    /// `x86_64`.
    static var machine: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "" }
        return withUnsafeBytes(of: &names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    static var processors: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }
    static var memory: Int64 { Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))) }

    /// `Debian GNU/Linux 12 (bookworm)`.
    static var operatingSystem: String { release["PRETTY_NAME"] ?? "Linux" }
    static var operatingSystemVersion: String { release["VERSION_ID"] ?? "" }

    /// 2 where the unified hierarchy is mounted.
    static var cgroupVersion: Int { contents("/sys/fs/cgroup/cgroup.controllers") == nil ? 1 : 2 }

    private static var release: [String: String] {
        let text = contents("/etc/os-release") ?? contents("/usr/lib/os-release") ?? ""
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), parts[1].filter { $0 != "\"" && $0 != "'" }) : nil
        }
        return Dictionary(pairs, uniquingKeysWith: { _, last in last })
    }

    private static func line(_ path: FilePath) -> String {
        (contents(path) ?? "").split(separator: "\n").first.map(String.init) ?? ""
    }

    /// A small file's text; nil where it can't be read, which is then a fact that isn't told.
    private static func contents(_ path: FilePath) -> String? {
        guard let file = try? FileDescriptor.open(path, .readOnly) else { return nil }
        defer { try? file.close() }
        return (try? DescriptorIO.readAll(file.rawValue, limit: 1 << 16)).map { String(decoding: $0, as: UTF8.self) }
    }
}
