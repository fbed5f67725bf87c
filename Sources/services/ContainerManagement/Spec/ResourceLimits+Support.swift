import ContainerRuntime
import LinuxSystem
import Reporting

extension Containers {
    /// Takes away limits that this machine can't set, and returns what is to be said of them, in Docker's words. One that
    /// a program would rely on to be allowed more is an error instead.
    package func discardUnsupported(_ limits: inout ResourceLimits) throws -> [String] {
        if limits == ResourceLimits() { return [] }
        return try discardUnsupported(&limits, by: try LimitSupport.current())
    }

    /// What is to be said of the control groups that an ordinary user's container doesn't get.
    package func discardedGroups(_ request: RunRequest) throws -> [String] {
        if OwnUserNamespace.isInitial { return [] }
        var warnings: [String] = []
        if request.deviceRules?.isEmpty == false, !request.privileged {
            warnings.append("Device rules can't be set by an ordinary user. Device rules discarded.")
        }
        if request.controlGroupParent?.isEmpty == false, try ControlGroupHierarchy.discover().isEmpty {
            warnings.append("No control group is delegated to this user. Cgroup parent discarded.")
        }
        return warnings
    }

    /// The same where it is known what the machine can set.
    @discardableResult
    func discardUnsupported(_ limits: inout ResourceLimits, by support: LimitSupport) throws -> [String] {
        try limits.check(cpuCount: host.cpuCount())
        try limits.checkSets(host)
        return try limits.discardUnsupported(by: support)
    }
}

extension ResourceLimits {
    mutating func discardUnsupported(by support: LimitSupport) throws(PlainFailure) -> [String] {
        var warnings: [String] = []
        if (cpuRealtimePeriod ?? 0) != 0 || (cpuRealtimeRuntime ?? 0) != 0, !support.cpuRealtime {
            throw PlainFailure(.unsupported, "kernel does not support CPU real-time scheduler")
        }
        discardMemory(support, &warnings)
        discardProcessors(support, &warnings)
        discardBlock(support, &warnings)
        if pids ?? 0 > 0, !support.pids {
            warnings.append(Self.text("PIDs limit capabilities", "PIDs limit discarded."))
            pids = nil
        }
        return warnings
    }

    private static func text(_ what: String, _ consequence: String) -> String {
        "Your kernel does not support \(what) or the cgroup is not mounted. \(consequence)"
    }

    private mutating func discardMemory(_ support: LimitSupport, _ warnings: inout [String]) {
        if memory ?? 0 > 0, !support.memory {
            warnings.append(Self.text("memory limit capabilities", "Limitation discarded."))
            memory = nil
            memorySwap = nil
        }
        if memory ?? 0 > 0, memorySwap != -1, !support.swap {
            warnings.append(Self.text("swap limit capabilities", "Memory limited without swap."))
            memorySwap = -1
        }
        if memorySwappiness != nil, !support.memorySwappiness {
            warnings.append(Self.text("memory swappiness capabilities", "Memory swappiness discarded."))
            memorySwappiness = nil
        }
        if memoryReservation ?? 0 > 0, !support.memoryReservation {
            warnings.append(Self.text("memory soft limit capabilities", "Limitation discarded."))
            memoryReservation = nil
        }
        if kernelMemory ?? 0 > 0 {
            if support.kernelMemory {
                warnings.append(
                    "Specifying a kernel memory limit is deprecated and will be removed in a future release."
                )
            } else {
                warnings.append(Self.text("kernel memory limit capabilities", "Limitation discarded."))
                kernelMemory = nil
            }
        }
        guard oomKillDisabled else { return }
        if !support.outOfMemoryControl {
            warnings.append("Your kernel does not support OomKillDisable. OomKillDisable discarded.")
            oomKillDisabled = false
        } else if memory ?? 0 == 0 {
            warnings.append(
                "Disabling the OOM killer on containers without setting a '-m/--memory' limit may be dangerous."
            )
            warnings.append(
                "OOM killer is disabled for the container, but no memory limit is set, this can result in the system "
                    + "running out of resources."
            )
        }
    }

    private mutating func discardProcessors(_ support: LimitSupport, _ warnings: inout [String]) {
        if cpuShares ?? 0 > 0, !support.cpuShares {
            warnings.append(Self.text("CPU shares", "Shares discarded."))
            cpuShares = nil
        }
        if cpuPeriod ?? 0 != 0 || cpuQuota ?? 0 != 0 || nanoCPUs ?? 0 != 0, !support.cpuBandwidth {
            warnings.append(Self.text("CPU CFS scheduler", "CPU period and quota discarded."))
            (cpuPeriod, cpuQuota, nanoCPUs) = (nil, nil, nil)
        }
        if !(cpusetCPUs ?? "").isEmpty || !(cpusetMems ?? "").isEmpty, !support.cpuSets {
            warnings.append(Self.text("cpuset", "Cpuset discarded."))
            (cpusetCPUs, cpusetMems) = (nil, nil)
        }
    }

    private mutating func discardBlock(_ support: LimitSupport, _ warnings: inout [String]) {
        guard var block else { return }
        if block.weight ?? 0 > 0, !support.blockWeight {
            warnings.append(Self.text("Block I/O weight", "Weight discarded."))
            block.weight = nil
        }
        if !block.weights.isEmpty, !support.blockWeightDevice {
            warnings.append(Self.text("Block I/O weight_device", "Weight-device discarded."))
            block.weights = []
        }
        if !support.blockThrottling {
            for (rates, name, what) in [
                (block.bytesRead, "BPS Block I/O read limit", "Block I/O BPS read limit discarded."),
                (block.bytesWritten, "BPS Block I/O write limit", "Block I/O BPS write limit discarded."),
                (block.reads, "IOPS Block read limit", "Block I/O IOPS read limit discarded."),
                (block.writes, "IOPS Block write limit", "Block I/O IOPS write limit discarded."),
            ] where !rates.isEmpty { warnings.append(Self.text(name, what)) }
            (block.bytesRead, block.bytesWritten, block.reads, block.writes) = ([], [], [], [])
        }
        self.block = block == BlockLimits() ? nil : block
    }
}
