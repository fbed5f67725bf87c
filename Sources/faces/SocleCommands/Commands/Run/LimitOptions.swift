import ContainerManagement

/// The flags about a container's resources, as they were given.
struct LimitOptions {
    var blockWeight: UInt16?
    var blockWeights: [DeviceWeight] = []
    var bytesRead: [DeviceBytes] = []
    var bytesWritten: [DeviceBytes] = []
    var reads: [DeviceOperations] = []
    var writes: [DeviceOperations] = []
    var cpuPeriod: Int64?
    var cpuQuota: Int64?
    var cpuRealtimePeriod: Int64?
    var cpuRealtimeRuntime: Int64?
    var cpuShares: Int64?
    var cpus: CPUCount?
    var cpusetCPUs: String?
    var cpusetMems: String?
    var kernelMemory: ByteSize?
    var memory: ByteSize?
    var memoryReservation: ByteSize?
    var memorySwap: SwapSize?
    var memorySwappiness: Int64?
    var oomKillDisabled = false
    var pids: Int64?

    /// Those that can be changed later too: `update` has them as well.
    @FlagListing<LimitOptions> static var changeable: [Flag<LimitOptions>] {
        Flag.value(
            "blkio-weight",
            \.blockWeight,
            as: "uint16",
            "Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)"
        )
        Flag.value("cpu-period", \.cpuPeriod, as: "int", "Limit CPU CFS (Completely Fair Scheduler) period")
        Flag.value("cpu-quota", \.cpuQuota, as: "int", "Limit CPU CFS (Completely Fair Scheduler) quota")
        Flag.value("cpu-rt-period", \.cpuRealtimePeriod, as: "int", "Limit CPU real-time period in microseconds")
        Flag.value("cpu-rt-runtime", \.cpuRealtimeRuntime, as: "int", "Limit CPU real-time runtime in microseconds")
        Flag.value("cpu-shares", short: "c", \.cpuShares, as: "int", "CPU shares (relative weight)")
        Flag.value("cpus", \.cpus, as: "decimal", "Number of CPUs")
        Flag.value("cpuset-cpus", \.cpusetCPUs, "CPUs in which to allow execution (0-3, 0,1)")
        Flag.value("cpuset-mems", \.cpusetMems, "MEMs in which to allow execution (0-3, 0,1)")
        Flag.value("kernel-memory", \.kernelMemory, as: "bytes", "Kernel memory limit, which Linux has no more")
        Flag.value("memory", short: "m", \.memory, as: "bytes", "Memory limit")
        Flag.value("memory-reservation", \.memoryReservation, as: "bytes", "Memory soft limit")
        Flag.value(
            "memory-swap",
            \.memorySwap,
            as: "bytes",
            "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"
        )
        Flag.value("pids-limit", \.pids, as: "int", "Tune container pids limit (set -1 for unlimited)")
    }

    /// Those that only a new container takes.
    @FlagListing<LimitOptions> static var lasting: [Flag<LimitOptions>] {
        Flag.list("blkio-weight-device", \.blockWeights, "Block IO weight (relative device weight)")
        Flag.list("device-read-bps", \.bytesRead, "Limit read rate (bytes per second) from a device")
        Flag.list("device-read-iops", \.reads, "Limit read rate (IO per second) from a device")
        Flag.list("device-write-bps", \.bytesWritten, "Limit write rate (bytes per second) to a device")
        Flag.list("device-write-iops", \.writes, "Limit write rate (IO per second) to a device")
        Flag.value(
            "memory-swappiness",
            \.memorySwappiness,
            as: "int",
            "Tune container memory swappiness (0 to 100) (default -1)"
        )
        Flag.toggle("oom-kill-disable", \.oomKillDisabled, "Disable OOM Killer")
    }

    /// Changes what was asked for; the rest stays.
    func change(_ limits: inout ResourceLimits) {
        if let memory { limits.memory = memory.bytes }
        if let memorySwap { limits.memorySwap = memorySwap.bytes }
        if let memoryReservation { limits.memoryReservation = memoryReservation.bytes }
        if let memorySwappiness, memorySwappiness != -1 { limits.memorySwappiness = memorySwappiness }
        if let kernelMemory { limits.kernelMemory = kernelMemory.bytes }
        if oomKillDisabled { limits.oomKillDisabled = true }
        // 0 says nothing.
        if let cpus, cpus.billionths != 0 { limits.nanoCPUs = cpus.billionths }
        if let cpuShares { limits.cpuShares = cpuShares }
        if let cpuPeriod { limits.cpuPeriod = cpuPeriod }
        if let cpuQuota { limits.cpuQuota = cpuQuota }
        if let cpuRealtimePeriod { limits.cpuRealtimePeriod = cpuRealtimePeriod }
        if let cpuRealtimeRuntime { limits.cpuRealtimeRuntime = cpuRealtimeRuntime }
        if let cpusetCPUs { limits.cpusetCPUs = cpusetCPUs }
        if let cpusetMems { limits.cpusetMems = cpusetMems }
        if let pids { limits.pids = pids }
        var block = limits.block ?? BlockLimits()
        if let blockWeight { block.weight = blockWeight }
        block.weights += blockWeights.map(\.rate)
        block.bytesRead += bytesRead.map(\.rate)
        block.bytesWritten += bytesWritten.map(\.rate)
        block.reads += reads.map(\.rate)
        block.writes += writes.map(\.rate)
        if block != BlockLimits() { limits.block = block }
    }
}
