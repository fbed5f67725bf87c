import OCISpec
import Reporting

extension ResourceLimits {
    private static let leastMemory: Int64 = 6 * 1024 * 1024

    /// Refuses what Docker refuses. `cpuCount` is how many CPUs there are.
    func check(cpuCount: @autoclosure () -> Int) throws(PlainFailure) {
        try checkMemory()
        if let nanoCPUs {
            if cpuPeriod != nil {
                throw invalid("Conflicting options: Nano CPUs and CPU Period cannot both be set")
            }
            if cpuQuota != nil { throw invalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set") }
            let count = cpuCount()
            guard nanoCPUs >= 10_000_000, nanoCPUs <= Int64(count) * 1_000_000_000 else {
                throw invalid(
                    "Range of CPUs is from 0.01 to \(count).00, as there are only \(count) CPUs available"
                )
            }
        }
        if let cpuPeriod, cpuPeriod != 0, !(1000...1_000_000).contains(cpuPeriod) {
            throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)")
        }
        if let cpuQuota, cpuQuota > 0, cpuQuota < 1000 {
            throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)")
        }
        if let runtime = cpuRealtimeRuntime, let period = cpuRealtimePeriod, period != 0, runtime > period {
            throw invalid("cpu real-time runtime cannot be higher than cpu real-time period")
        }
        if let weight = block?.weight, weight != 0, !(10...1000).contains(weight) {
            throw invalid("Range of blkio weight is from 10 to 1000")
        }
    }

    /// Refuses CPUs and memory nodes that the machine doesn't have.
    func checkSets(_ host: HostFacts) throws(PlainFailure) {
        try check(cpusetCPUs, name: "cpuset cpus", "CPUs", available: host.processors)
        try check(cpusetMems, name: "cpuset mems", "memory nodes", available: host.memoryNodes)
    }

    private func check(
        _ wanted: String?,
        name: String,
        _ things: String,
        available: () -> String?
    ) throws(PlainFailure) {
        guard let wanted, !wanted.isEmpty else { return }
        guard let numbers = NumberList.parse(wanted) else {
            throw invalid("Invalid value \(wanted) for \(name): invalid format: \(wanted)")
        }
        guard let text = available(), let there = NumberList.parse(text), !numbers.isSubset(of: there) else { return }
        throw invalid("Requested \(things) are not available - requested \(wanted), available: \(text)")
    }

    private func checkMemory() throws(PlainFailure) {
        let memory = memory ?? 0
        let swap = memorySwap ?? 0
        if let swappiness = memorySwappiness, !(0...100).contains(swappiness) {
            throw invalid("invalid value: \(swappiness). Valid memory swappiness range is 0-100")
        }
        if let kernelMemory, kernelMemory != 0, kernelMemory < Self.leastMemory {
            throw invalid("Minimum kernel memory limit allowed is 6MB")
        }
        if let cpuShares, cpuShares != 0 {
            // Docker's runtime says so; the kernel would take the nearest.
            if cpuShares < 0 { throw invalid("shares: invalid argument") }
            if cpuShares < 2 { throw invalid("the minimum allowed cpu-shares is 2") }
            if cpuShares > 262_144 { throw invalid("the maximum allowed cpu-shares is 262144") }
        }
        if memory < 0 { throw invalid("invalid memory limit \"\(memory)\"") }
        if memory != 0, memory < Self.leastMemory { throw invalid("Minimum memory limit allowed is 6MB") }
        if memory > 0, swap > 0, swap < memory {
            throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage")
        }
        if memory == 0, swap > 0 {
            throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage")
        }
        if let reservation = memoryReservation, reservation != 0 {
            if reservation < Self.leastMemory { throw invalid("Minimum memory reservation allowed is 6MB") }
            if memory > 0, memory < reservation {
                throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage")
            }
        }
    }

    private func invalid(_ text: String) -> PlainFailure { PlainFailure(.invalidArgument, text) }

    /// What the container's control group is told; nothing where nothing was asked. `devices` are the numbers of those that
    /// `block` names.
    func apply(to resources: inout RuntimeSpec.Resources, devices: [String: DeviceNumber] = [:]) {
        if let block = block?.specification(devices) { resources.blockIO = block }
        if memory ?? 0 != 0 || memoryReservation ?? 0 != 0 || oomKillDisabled || memorySwappiness != nil {
            var value = RuntimeSpec.Memory()
            if let memory, memory > 0 {
                value.limit = memory
                // As much swap as memory, as Docker has it; without an upper end where that overflows.
                let (double, overflow) = memory.multipliedReportingOverflow(by: 2)
                value.swap = memorySwap.flatMap { $0 == 0 ? nil : $0 } ?? (overflow ? -1 : double)
            }
            value.reservation = memoryReservation.flatMap { $0 == 0 ? nil : $0 }
            if oomKillDisabled { value.disableOOMKiller = true }
            value.swappiness = memorySwappiness.flatMap { UInt64(exactly: $0) }
            resources.memory = value
        }
        if let cpu = cpu { resources.cpu = cpu }
        if let pids, pids != 0 { resources.pids = .init(limit: pids < 0 ? -1 : pids) }
    }

    private var cpu: RuntimeSpec.CPU? {
        var value = RuntimeSpec.CPU()
        if let nanoCPUs {
            value.period = 100_000
            value.quota = nanoCPUs / 10_000
        }
        if let cpuPeriod, cpuPeriod > 0 { value.period = UInt64(cpuPeriod) }
        if let cpuQuota, cpuQuota != 0 { value.quota = cpuQuota }
        if let cpuShares, cpuShares > 0 { value.shares = UInt64(cpuShares) }
        if let period = cpuRealtimePeriod, period > 0 { value.realtimePeriod = UInt64(period) }
        if let runtime = cpuRealtimeRuntime, runtime != 0 { value.realtimeRuntime = runtime }
        value.cpus = cpusetCPUs
        value.mems = cpusetMems
        return value == RuntimeSpec.CPU() ? nil : value
    }
}

/// `0-3,5`: numbers as the kernel lists them.
enum NumberList {
    /// nil for what is no list.
    static func parse(_ text: String) -> Set<Int>? {
        var found: Set<Int> = []
        if text.isEmpty { return found }
        for range in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = range.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends[0], let last = ends.count == 1 ? first : ends[1], ends.count <= 2, first >= 0,
                first <= last, last < 8_192
            else { return nil }
            found.formUnion(first...last)
        }
        return found
    }
}

extension UlimitRequest {
    private static let names: Set<String> = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime", "sigpending", "stack",
    ]

    func limit() throws(PlainFailure) -> RuntimeSpec.ResourceLimit {
        guard Self.names.contains(name) else { throw PlainFailure(.invalidArgument, "invalid ulimit type: \(name)") }
        if hard >= 0, soft > hard || soft < 0 {
            throw PlainFailure(
                .invalidArgument,
                "ulimit soft limit must be less than or equal to hard limit: \(soft) > \(hard)"
            )
        }
        return .init(
            "RLIMIT_" + name.uppercased(),
            soft: soft < 0 ? .max : UInt64(soft),
            hard: hard < 0 ? .max : UInt64(hard)
        )
    }
}
