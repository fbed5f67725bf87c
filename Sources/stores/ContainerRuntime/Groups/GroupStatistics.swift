internal import LinuxSystem
package import OCISpec
internal import SystemPackage

/// All that a container's control groups count, as runc's `events` writes it: what is zero is mostly left out.
package struct GroupStatistics {
    private let group: ControlGroup

    /// What version 1 says where there is no limit; larger numbers are none that everybody reads.
    private static let unlimited: Int64 = 9_223_372_036_854_771_712

    /// What `data` of a `stats` event is.
    package static func of(_ id: String, at place: GroupPlace? = nil) throws(RuntimeError) -> JSONValue {
        let group = ControlGroup(id: id, hierarchies: try ControlGroupHierarchy.discover(for: place), place: place)
        let statistics = GroupStatistics(group: group)
        let isUnified = group.isUnified
        return [
            "cpu": isUnified ? statistics.unifiedProcessor : statistics.processor,
            "cpuset": statistics.processorSet,
            "memory": isUnified ? statistics.unifiedMemory : statistics.memory,
            "pids": statistics.processes,
            "blkio": .object(isUnified ? statistics.unifiedBlocks : statistics.blocks),
            "hugetlb": .object(statistics.hugePages), "intel_rdt": .object(JSONObject()), "network_interfaces": .null,
        ]
    }

    // MARK: - Files

    /// A file of the controller's group in version 1, of the only group in version 2.
    private func text(_ controller: String, _ file: String) -> String? {
        guard let hierarchy = group.isUnified ? group.unified : group.hierarchy(of: controller) else { return nil }
        return try? group.read(group.path(in: hierarchy).appending(file))
    }

    private func number(_ controller: String, _ file: String) -> Int64 { GroupUsage.number(text(controller, file)) }

    private func table(_ controller: String, _ file: String) -> [String: Int64] { GroupUsage.table(text(controller, file)) }

    private func numbers(_ text: (some StringProtocol)?) -> [JSONValue] {
        (text ?? "").split(whereSeparator: { $0 == " " || $0 == "\n" }).compactMap { Int64($0) }.map(JSONValue.integer)
    }

    /// The members of which something can be said.
    private static func said(_ members: [(String, Int64)], always: Set<String> = []) -> JSONObject {
        var object = JSONObject()
        for (key, value) in members where value != 0 || always.contains(key) { object[key] = .integer(value) }
        return object
    }

    // MARK: - The processor

    private var processor: JSONValue {
        let ticks = table("cpuacct", "cpuacct.stat")
        let each = (text("cpuacct", "cpuacct.usage_all") ?? "").split(separator: "\n").dropFirst()
            .map { $0.split(separator: " ").compactMap { Int64($0) } }.filter { $0.count == 3 }
        var usage = Self.said([("total", number("cpuacct", "cpuacct.usage"))])
        for (key, values) in [
            ("percpu", numbers(text("cpuacct", "cpuacct.usage_percpu"))), ("percpu_kernel", each.map { .integer($0[2]) }),
            ("percpu_user", each.map { .integer($0[1]) }),
        ] where !values.isEmpty {
            usage[key] = .array(values)
        }
        // Hundredths of a second.
        usage["kernel"] = .integer((ticks["system"] ?? 0) * 10_000_000)
        usage["user"] = .integer((ticks["user"] ?? 0) * 10_000_000)
        let throttling = table("cpu", "cpu.stat")
        return ["usage": .object(usage), "throttling": throttled(throttling, time: throttling["throttled_time"] ?? 0)]
    }

    private var unifiedProcessor: JSONValue {
        let table = table("cpu", "cpu.stat")
        func nanoseconds(_ key: String) -> Int64 { (table[key] ?? 0) * 1_000 }
        var usage = Self.said([("total", nanoseconds("usage_usec"))])
        usage["kernel"] = .integer(nanoseconds("system_usec"))
        usage["user"] = .integer(nanoseconds("user_usec"))
        return ["usage": .object(usage), "throttling": throttled(table, time: nanoseconds("throttled_usec"))]
    }

    private func throttled(_ table: [String: Int64], time: Int64) -> JSONValue {
        .object(
            Self.said([
                ("periods", table["nr_periods"] ?? 0), ("throttledPeriods", table["nr_throttled"] ?? 0), ("throttledTime", time),
            ])
        )
    }

    /// Version 2 counts none of this.
    private var processorSet: JSONValue {
        func value(_ file: String) -> Int64 { group.isUnified ? 0 : number("cpuset", "cpuset.\(file)") }
        func list(_ file: String) -> [JSONValue] {
            guard !group.isUnified, let line = text("cpuset", "cpuset.\(file)")?.split(separator: "\n").first else { return [] }
            return line.split(separator: ",").flatMap { range in
                let ends = range.split(separator: "-").compactMap { Int64($0) }
                guard let first = ends.first, let last = ends.last, first <= last, last < 65_536 else { return [JSONValue]() }
                return (first...last).map { .integer($0) }
            }
        }
        var set = JSONObject()
        let (processors, nodes) = (list("cpus"), list("mems"))
        if !processors.isEmpty { set["cpus"] = .array(processors) }
        set["cpu_exclusive"] = .integer(value("cpu_exclusive"))
        if !nodes.isEmpty { set["mems"] = .array(nodes) }
        for file in [
            "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page", "memory_spread_slab", "memory_pressure",
            "sched_load_balance", "sched_relax_domain_level",
        ] {
            set[file] = .integer(value(file))
        }
        return .object(set)
    }

    // MARK: - Memory

    private var memory: JSONValue {
        func entry(_ kind: String) -> JSONValue {
            func value(_ file: String) -> Int64 { number("memory", "memory.\(kind)\(file)") }
            return Self.amounts(
                limit: value("limit_in_bytes"),
                usage: value("usage_in_bytes"),
                peak: value("max_usage_in_bytes"),
                failures: value("failcnt")
            )
        }
        let raw = table("memory", "memory.stat")
        return memory(cache: raw["cache"], [entry(""), entry("memsw."), entry("kmem."), entry("kmem.tcp.")], raw)
    }

    private var unifiedMemory: JSONValue {
        func limit(_ file: String) -> Int64? { text("memory", file).flatMap { Int64($0.split(separator: "\n").first ?? "") } }
        let (most, used) = (limit("memory.max"), number("memory", "memory.current"))
        let own = Self.amounts(limit: most ?? Self.unlimited, usage: used, peak: 0, failures: 0)
        // As version 1 counts: memory and swap together.
        let swapLimit = limit("memory.swap.max").flatMap { swap in most.map { swap + $0 } }
        let swap = Self.amounts(
            limit: swapLimit ?? Self.unlimited,
            usage: number("memory", "memory.swap.current") + used,
            peak: 0,
            failures: 0
        )
        let none = Self.amounts(limit: 0, usage: 0, peak: 0, failures: 0)
        let raw = table("memory", "memory.stat")
        return memory(cache: raw["file"], [own, swap, none, none], raw)
    }

    private static func amounts(limit: Int64, usage: Int64, peak: Int64, failures: Int64) -> JSONValue {
        .object(
            said([("limit", limit), ("usage", usage), ("max", peak), ("failcnt", failures)], always: ["limit", "failcnt"])
        )
    }

    private func memory(cache: Int64?, _ entries: [JSONValue], _ raw: [String: Int64]) -> JSONValue {
        var memory = Self.said([("cache", cache ?? 0)])
        for (key, entry) in zip(["usage", "swap", "kernel", "kernelTCP"], entries) { memory[key] = entry }
        if !raw.isEmpty {
            memory["raw"] = .object(raw.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = .integer($1.value) })
        }
        return .object(memory)
    }

    private var hugePages: JSONObject {
        var pages = JSONObject()
        guard group.isUnified || group.hierarchy(of: "hugetlb") != nil,
            let sizes = try? Directory.open("/sys/kernel/mm/hugepages").names()
        else { return pages }
        for size in sizes.map({ String(decoding: $0, as: UTF8.self) }).sorted() {
            guard let kilobytes = Int64(size.dropFirst("hugepages-".count).dropLast(2)) else { continue }
            let name =
                kilobytes >= 1 << 20 ? "\(kilobytes >> 20)GB" : kilobytes >= 1 << 10 ? "\(kilobytes >> 10)MB" : "\(kilobytes)KB"
            func value(_ file: String) -> Int64 { number("hugetlb", "hugetlb.\(name).\(file)") }
            guard text("hugetlb", "hugetlb.\(name).\(group.isUnified ? "current" : "usage_in_bytes")") != nil else { continue }
            let counts: [(String, Int64)] =
                group.isUnified
                ? [("usage", value("current")), ("failcnt", table("hugetlb", "hugetlb.\(name).events")["max"] ?? 0)]
                : [("usage", value("usage_in_bytes")), ("max", value("max_usage_in_bytes")), ("failcnt", value("failcnt"))]
            pages[name] = .object(Self.said(counts, always: ["failcnt"]))
        }
        return pages
    }

    // MARK: - Processes and devices

    private var processes: JSONValue {
        // Without a limit there is a word, and no number.
        .object(Self.said([("current", number("pids", "pids.current")), ("limit", number("pids", "pids.max"))]))
    }

    /// Of the scheduler that counts there.
    private var blocks: JSONObject {
        let (bytes, requests) = ("ioServiceBytesRecursive", "ioServicedRecursive")
        let schedulers: [[(key: String, file: String)]] = [
            [(requests, "bfq.io_serviced_recursive"), (bytes, "bfq.io_service_bytes_recursive")],
            [(requests, "io_serviced_recursive"), (bytes, "io_service_bytes_recursive")],
            [(requests, "throttle.io_serviced_recursive"), (bytes, "throttle.io_service_bytes_recursive")],
            [(requests, "throttle.io_serviced"), (bytes, "throttle.io_service_bytes")],
        ]
        for files in schedulers {
            let found = files.map { (key: $0.key, entries: entries("blkio.\($0.file)")) }
            guard found.first?.entries.isEmpty == false else { continue }
            var blocks = JSONObject()
            // In the order of runc's document.
            for (key, entries) in found.reversed() where !entries.isEmpty { blocks[key] = .array(entries) }
            return blocks
        }
        return JSONObject()
    }

    /// `254:0 Read 4096`
    private func entries(_ file: String) -> [JSONValue] {
        (text("blkio", file) ?? "").split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == ":" })
            guard words.count == 4, let major = Int64(words[0]), let minor = Int64(words[1]), let value = Int64(words[3]) else { return nil }
            return Self.entry(major, minor, String(words[2]), value)
        }
    }

    private static func entry(_ major: Int64, _ minor: Int64, _ operation: String, _ value: Int64) -> JSONValue {
        var entry = said([("major", major), ("minor", minor)])
        entry["op"] = .string(operation)
        if value != 0 { entry["value"] = .integer(value) }
        return .object(entry)
    }

    private var unifiedBlocks: JSONObject {
        let places = [
            "rbytes": ("ioServiceBytesRecursive", "Read"), "wbytes": ("ioServiceBytesRecursive", "Write"),
            "rios": ("ioServicedRecursive", "Read"), "wios": ("ioServicedRecursive", "Write"),
        ]
        var found: [String: [JSONValue]] = [:]
        for line in (text("io", "io.stat") ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            let numbers = words[0].split(separator: ":").compactMap { Int64($0) }
            guard numbers.count == 2 else { continue }
            for word in words.dropFirst() {
                let parts = word.split(separator: "=")
                guard parts.count == 2, let (key, operation) = places[String(parts[0])], let value = Int64(parts[1]) else { continue }
                found[key, default: []].append(Self.entry(numbers[0], numbers[1], operation, value))
            }
        }
        var blocks = JSONObject()
        for key in ["ioServiceBytesRecursive", "ioServicedRecursive"] { blocks[key] = found[key].map(JSONValue.array) }
        return blocks
    }
}
