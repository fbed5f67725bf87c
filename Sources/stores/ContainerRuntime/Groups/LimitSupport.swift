internal import LinuxSystem
internal import SystemPackage

/// Which limits the control groups of this machine know.
package struct LimitSupport: Sendable, Hashable {
    package var memory = true
    package var swap = true
    package var memoryReservation = true
    package var memorySwappiness = true
    package var kernelMemory = true
    package var outOfMemoryControl = true
    package var cpuShares = true
    package var cpuBandwidth = true
    package var cpuRealtime = true
    package var cpuSets = true
    package var pids = true
    package var blockWeight = true
    package var blockWeightDevice = true
    package var blockThrottling = true

    /// All of them.
    package init() {}

    /// Looks at the groups in which containers' are made.
    package static func current() throws(RuntimeError) -> LimitSupport {
        let hierarchies = try ControlGroupHierarchy.discover()
        let group = ControlGroup(id: "", hierarchies: hierarchies)
        if group.isUnified, let unified = group.unified {
            let text = try? group.read(unified.parent.appending("cgroup.controllers"))
            let words = (text ?? "").split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init)
            return LimitSupport(controllers: Set(words))
        }
        return LimitSupport { controller, file in
            guard let hierarchy = group.hierarchy(of: controller) else { return false }
            return (try? HostFile.exists(hierarchy.parent.appending(file))) ?? false
        }
    }

    /// Of version 2, by its controllers.
    package init(controllers: Set<String>) {
        let memory = controllers.contains("memory")
        (self.memory, swap, memoryReservation) = (memory, memory, memory)
        (memorySwappiness, kernelMemory, outOfMemoryControl, cpuRealtime) = (false, false, false, false)
        (cpuShares, cpuBandwidth) = (controllers.contains("cpu"), controllers.contains("cpu"))
        cpuSets = controllers.contains("cpuset")
        pids = controllers.contains("pids")
        let block = controllers.contains("io")
        (blockWeight, blockWeightDevice, blockThrottling) = (block, block, block)
    }

    /// Of version 1, by the files of its controllers.
    package init(hasFile: (_ controller: String, _ file: String) -> Bool) {
        memory = hasFile("memory", "memory.limit_in_bytes")
        swap = hasFile("memory", "memory.memsw.limit_in_bytes")
        memoryReservation = hasFile("memory", "memory.soft_limit_in_bytes")
        memorySwappiness = hasFile("memory", "memory.swappiness")
        kernelMemory = hasFile("memory", "memory.kmem.limit_in_bytes")
        outOfMemoryControl = hasFile("memory", "memory.oom_control")
        cpuShares = hasFile("cpu", "cpu.shares")
        cpuBandwidth = hasFile("cpu", "cpu.cfs_quota_us")
        cpuRealtime = hasFile("cpu", "cpu.rt_period_us")
        cpuSets = hasFile("cpuset", "cpuset.cpus")
        // The file isn't in the root group; the controller has nothing else.
        pids = hasFile("pids", "cgroup.procs")
        blockWeight = hasFile("blkio", "blkio.weight") || hasFile("blkio", "blkio.bfq.weight")
        blockWeightDevice = hasFile("blkio", "blkio.weight_device") || hasFile("blkio", "blkio.bfq.weight_device")
        blockThrottling = hasFile("blkio", "blkio.throttle.read_bps_device")
    }
}
