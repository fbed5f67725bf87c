internal import LinuxSystem
internal import SystemPackage

/// What a container uses at one moment, as its control groups count it.
package struct GroupUsage: Sendable, Hashable {
    /// Of all processors together, in nanoseconds since the container began.
    package var processorTime: Int64 = 0
    /// In bytes, without the files that could be dropped at once.
    package var memory: Int64 = 0
    /// In bytes; nil is without limit.
    package var memoryLimit: Int64?
    package var processes: Int64 = 0
    /// In bytes since the container began.
    package var blockRead: Int64 = 0
    package var blockWritten: Int64 = 0

    package init() {}

    /// nil where the container has no groups.
    package static func of(_ id: String, at place: GroupPlace? = nil) throws(RuntimeError) -> GroupUsage? {
        let group = ControlGroup(id: id, hierarchies: try ControlGroupHierarchy.discover(for: place), place: place)
        return group.isUnified ? unified(group) : separate(group)
    }

    /// Whether the kernel has killed something of the container for want of memory.
    package static func ranOutOfMemory(_ id: String, at place: GroupPlace? = nil) -> Bool {
        guard let hierarchies = try? ControlGroupHierarchy.discover(for: place) else { return false }
        return ControlGroup(id: id, hierarchies: hierarchies, place: place).ranOutOfMemory()
    }

    private static func separate(_ group: ControlGroup) -> GroupUsage? {
        func text(_ controller: String, _ file: String) -> String? {
            guard let hierarchy = group.hierarchy(of: controller) else { return nil }
            return try? group.read(group.path(in: hierarchy).appending(file))
        }
        guard let used = text("memory", "memory.usage_in_bytes") ?? text("pids", "pids.current") else { return nil }
        var usage = GroupUsage()
        usage.processorTime = number(text("cpuacct", "cpuacct.usage"))
        let statistics = table(text("memory", "memory.stat"))
        usage.memory = max(0, number(used) - (statistics["total_inactive_file"] ?? 0))
        // Without a limit, the file has the largest number of pages that there is.
        let limit = number(text("memory", "memory.limit_in_bytes"))
        usage.memoryLimit = limit > 0 && limit < 1 << 60 ? limit : nil
        usage.processes = number(text("pids", "pids.current"))
        for line in (text("blkio", "blkio.throttle.io_service_bytes") ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let bytes = Int64(words[2]) else { continue }
            if words[1] == "Read" { usage.blockRead += bytes }
            if words[1] == "Write" { usage.blockWritten += bytes }
        }
        return usage
    }

    private static func unified(_ group: ControlGroup) -> GroupUsage? {
        guard let hierarchy = group.unified else { return nil }
        func text(_ file: String) -> String? { try? group.read(group.path(in: hierarchy).appending(file)) }
        guard let processor = text("cpu.stat") else { return nil }
        var usage = GroupUsage()
        usage.processorTime = (table(processor)["usage_usec"] ?? 0) * 1_000
        let statistics = table(text("memory.stat"))
        usage.memory = max(0, number(text("memory.current")) - (statistics["inactive_file"] ?? 0))
        usage.memoryLimit = text("memory.max").flatMap { Int64($0.split(separator: "\n").first ?? "") }
        usage.processes = number(text("pids.current"))
        for line in (text("io.stat") ?? "").split(separator: "\n") {
            for word in line.split(separator: " ").dropFirst() {
                let parts = word.split(separator: "=")
                guard parts.count == 2, let bytes = Int64(parts[1]) else { continue }
                if parts[0] == "rbytes" { usage.blockRead += bytes }
                if parts[0] == "wbytes" { usage.blockWritten += bytes }
            }
        }
        return usage
    }

    static func number(_ text: String?) -> Int64 {
        text.flatMap { Int64($0.split(separator: "\n").first ?? "") } ?? 0
    }

    static func table(_ text: String?) -> [String: Int64] {
        var found: [String: Int64] = [:]
        for line in (text ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let value = Int64(words[1]) { found[String(words[0])] = value }
        }
        return found
    }
}
