private import Glibc
internal import LinuxSystem
internal import SystemPackage

/// The AppArmor profile of containers for which nobody names one: Docker's `docker-default` under a name of its own, so that
/// neither replaces the other's.
package enum DefaultAppArmorProfile {
    package static let name = "socle-default"

    private static let list: FilePath = "/sys/kernel/security/apparmor/profiles"

    /// Whether the kernel has AppArmor and it is switched on.
    package static let isPossible =
        (try? HostFile.text("/sys/module/apparmor/parameters/enabled", limit: 8))?.hasPrefix("Y") == true

    /// Whether the kernel knows the profile.
    package static var isLoaded: Bool {
        guard let text = try? HostFile.text(list.string, limit: 1 << 20) else { return false }
        return text.split(separator: "\n").contains { $0.hasPrefix("\(name) (") }
    }

    /// Its name, once the kernel knows it: the first container after a boot loads it. nil where it can't be had: no AppArmor, no
    /// `apparmor_parser`, nobody who may load profiles. Containers run without it then, as on kernels without AppArmor.
    package static func provided() -> String? {
        guard isPossible, OwnUserNamespace.isInitial else { return nil }
        if isLoaded { return name }
        load()
        return isLoaded ? name : nil
    }

    /// Whether that has worked is read from the kernel.
    private static func load() {
        guard let file = try? MemoryFile.make(name: "socle-profile", bytes: Array(text.utf8)),
            let source = try? file.reopenedForReading(), let devices = try? Directory.open("/dev"), let null = try? devices.open("null", flags: O_RDWR)
        else { return }
        // Without its cache, which belongs to the profiles of /etc.
        _ = try? ChildProgram(["apparmor_parser", "-Kr"]).run(input: source.raw, output: null.raw, error: null.raw)
    }

    /// What this process is confined by, where it is: a profile may keep nothing from it and still be one.
    private static var own: String? {
        for file in ["/proc/self/attr/apparmor/current", "/proc/self/attr/current"] {
            guard let label = (try? HostFile.text(file, limit: 4096))?.split(separator: "\n").first else { continue }
            // `name (mode)`
            let name = label.hasSuffix(")") ? label[..<(label.lastIndex(of: "(") ?? label.endIndex)] : label
            let trimmed = String(name.last == " " ? name.dropLast() : name)
            return trimmed == "unconfined" || trimmed.contains("\"") ? nil : trimmed
        }
        return nil
    }

    private static func exists(_ path: String) -> Bool { (try? HostFile.exists(FilePath(path))) == true }

    static var text: String {
        """
        \(exists("/etc/apparmor.d/tunables/global") ? "#include <tunables/global>" : "@{PROC}=/proc/")

        profile \(name) flags=(attach_disconnected,mediate_deleted) {
          \(exists("/etc/apparmor.d/abstractions/base") ? "#include <abstractions/base>" : "")
          network,
          capability,
          file,
          umount,
          # Who runs containers may end them, and so may they their own.
          signal (receive) peer=unconfined,
          \(own.map { "signal (receive) peer=\"\($0)\"," } ?? "")
          signal (send,receive) peer=\(name),
          ptrace (trace,read,tracedby,readby) peer=\(name),

          deny @{PROC}/* w,
          # All but /proc/<number>/** and /proc/sys/**.
          deny @{PROC}/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9/]*}/** w,
          # Of /proc/sys, kernel/shm* alone.
          deny @{PROC}/sys/[^k]** w,
          deny @{PROC}/sys/kernel/{?,??,[^s][^h][^m]**} w,
          deny @{PROC}/sysrq-trigger rwklx,
          deny @{PROC}/kcore rwklx,

          deny mount,

          # All but /sys/fs/cgroup/**.
          deny /sys/[^f]*/** wklx,
          deny /sys/f[^s]*/** wklx,
          deny /sys/fs/[^c]*/** wklx,
          deny /sys/fs/c[^g]*/** wklx,
          deny /sys/fs/cg[^r]*/** wklx,
          deny /sys/firmware/** rwklx,
          deny /sys/devices/virtual/powercap/** rwklx,
          deny /sys/kernel/security/** rwklx,
        }

        """
    }
}
