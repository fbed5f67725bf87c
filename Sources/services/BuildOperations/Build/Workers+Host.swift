import BuildSolver
import LinuxSystem
import SystemPackage

extension Workers {
    /// As many steps at work as there are cores; four times as many, but at least eight, with those that wait for their programs.
    ///
    /// Each program may want memory that nobody can foresee, so where memory is short fewer are begun: one for every 128 MiB that
    /// are available, but never fewer than there are cores.
    static var forThisHost: Workers {
        let cores = CPUCount.online
        return Workers(cores: cores, steps: steps(cores: cores, availableMemory: availableMemory))
    }

    /// How many steps are begun at the same time; nil stands for a memory that nobody knows.
    static func steps(cores: Int, availableMemory: Int64?) -> Int {
        let wanted = max(8, 4 * cores)
        guard let availableMemory else { return wanted }
        return max(cores, min(wanted, Int(availableMemory / (128 << 20))))
    }

    private static var availableMemory: Int64? {
        guard let proc = try? Directory.open("/proc"), let bytes = try? proc.readFile("meminfo", limit: 65_536) else {
            return nil  // without /proc nobody can say
        }
        return availableMemory(in: String(decoding: bytes, as: UTF8.self))
    }

    /// The line `MemAvailable:   23933904 kB` of `/proc/meminfo`, in bytes.
    static func availableMemory(in text: String) -> Int64? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        guard let fields = line?.split(separator: " "), fields.count > 1, let count = Int64(fields[1]) else {
            return nil
        }
        return count * 1024
    }
}
