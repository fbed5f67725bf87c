internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

extension ControlGroup {
    /// What a runtime allows in every container besides the specification's own rules: what it makes there itself.
    static let standardDeviceRules: [RuntimeSpec.DeviceRule] =
        [
            RuntimeSpec.DeviceRule(allow: true, type: "c", access: "m"),
            RuntimeSpec.DeviceRule(allow: true, type: "b", access: "m"),
        ]
        + [(1, 3), (1, 8), (1, 7), (5, 0), (1, 5), (1, 9), (5, 2), (10, 200)].map { (major: Int64, minor: Int64) in
            RuntimeSpec.DeviceRule(allow: true, type: "c", major: major, minor: minor, access: "rwm")
        } + [RuntimeSpec.DeviceRule(allow: true, type: "c", major: 136, access: "rwm")]

    func apply(_ resources: RuntimeSpec.Resources) throws(RuntimeError) {
        // In a user namespace nobody makes devices, and those of the host keep their owners.
        if let rules = resources.devices, !rules.isEmpty, OwnUserNamespace.isInitial {
            try apply(rules + Self.standardDeviceRules)
        }
        try checkUsage(resources.memory)
        for setting in isUnified ? Self.unifiedSettings(resources) : Self.settings(resources) {
            try set(setting)
        }
    }

    /// Version 1 refuses a limit below what is used; version 2 makes room for it, unless it is asked for first.
    private func checkUsage(_ memory: RuntimeSpec.Memory?) throws(RuntimeError) {
        guard isUnified, memory?.checkBeforeUpdate == true, let limit = memory?.limit, limit > 0, let unified,
            let text = try? read(path(in: unified).appending("memory.current")),
            let used = Int64(text.prefix { $0 != "\n" }), used > limit
        else { return }
        throw RuntimeError(.invalidArgument, "rejecting memory limit \(limit) < usage \(used)")
    }

    /// A value for one file of the group.
    struct Setting: Hashable {
        /// The version 1 controller; nil for version 2.
        var controller: String?
        var file: String
        var value: String
        /// The file of the same meaning under another scheduler, taken where the first one isn't there.
        var otherFile: String?
        /// What that one is told, where it isn't the same.
        var otherValue: String?
    }

    private func set(_ setting: Setting) throws(RuntimeError) {
        let found = setting.controller.map { hierarchy(of: $0) } ?? unified
        guard let found else {
            if OwnUserNamespace.isInitial {
                throw RuntimeError(.unsupported, "this machine has no control group that could set \(setting.file)")
            }
            throw RuntimeError(
                .unsupported,
                "\(setting.file) can't be set by an ordinary user without a control group of version 2 that is delegated to him"
            )
        }
        do {
            try write(setting.value, to: path(in: found).appending(setting.file))
        } catch  where error.errno == .noSuchFileOrDirectory && setting.otherFile != nil {
            let value = setting.otherValue ?? setting.value
            try set(Setting(controller: setting.controller, file: setting.otherFile ?? "", value: value))
        } catch  where error.errno == .noSuchFileOrDirectory && found.version == 2 && place?.scope?.user != nil
            && (try? HostFile.exists(path(in: found))) == true
        {
            throw RuntimeError(
                .unsupported,
                "\(setting.file) can't be set: the controller \(setting.file.prefix { $0 != "." }) isn't delegated to the user",
                hint: "see Delegate= of user@.service"
            )
        } catch {
            throw RuntimeError("setting \(setting.file) to \"\(setting.value)\"", error)
        }
    }

    // MARK: - Version 1

    /// In the order in which the kernel takes them: a swap limit must not be below the memory limit at any time.
    static func settings(_ resources: RuntimeSpec.Resources) -> [Setting] {
        var settings: [Setting] = []
        func add(_ controller: String, _ file: String, _ value: (some CustomStringConvertible)?) {
            if let value { settings.append(Setting(controller: controller, file: file, value: value.description)) }
        }
        let memory = resources.memory
        add("memory", "memory.limit_in_bytes", nonZero(memory?.limit))
        add("memory", "memory.memsw.limit_in_bytes", nonZero(memory?.swap))
        add("memory", "memory.soft_limit_in_bytes", nonZero(memory?.reservation))
        add("memory", "memory.swappiness", memory?.swappiness)
        if memory?.disableOOMKiller == true { add("memory", "memory.oom_control", 1) }
        let cpu = resources.cpu
        add("cpu", "cpu.shares", nonZero(cpu?.shares))
        add("cpu", "cpu.cfs_period_us", nonZero(cpu?.period))
        add("cpu", "cpu.cfs_quota_us", nonZero(cpu?.quota))
        add("cpu", "cpu.cfs_burst_us", nonZero(cpu?.burst))
        add("cpu", "cpu.idle", nonZero(cpu?.idle))
        add("cpu", "cpu.rt_period_us", nonZero(cpu?.realtimePeriod))
        add("cpu", "cpu.rt_runtime_us", nonZero(cpu?.realtimeRuntime))
        add("cpuset", "cpuset.cpus", nonEmpty(cpu?.cpus))
        add("cpuset", "cpuset.mems", nonEmpty(cpu?.mems))
        add("pids", "pids.max", resources.pids.flatMap { pidsValue($0.limit) })
        let block = resources.blockIO
        if let weight = nonZero(block?.weight) {
            settings.append(
                Setting(controller: "blkio", file: "blkio.weight", value: "\(weight)", otherFile: "blkio.bfq.weight")
            )
        }
        for device in block?.weightDevice ?? [] {
            guard let weight = device.weight else { continue }
            settings.append(
                Setting(
                    controller: "blkio",
                    file: "blkio.weight_device",
                    value: "\(device.major):\(device.minor) \(weight)",
                    otherFile: "blkio.bfq.weight_device"
                )
            )
        }
        for (file, devices) in [
            ("blkio.throttle.read_bps_device", block?.throttleReadBpsDevice),
            ("blkio.throttle.write_bps_device", block?.throttleWriteBpsDevice),
            ("blkio.throttle.read_iops_device", block?.throttleReadIOPSDevice),
            ("blkio.throttle.write_iops_device", block?.throttleWriteIOPSDevice),
        ] {
            for device in devices ?? [] { add("blkio", file, "\(device.major):\(device.minor) \(device.rate)") }
        }
        return settings
    }

    // MARK: - Version 2

    static func unifiedSettings(_ resources: RuntimeSpec.Resources) -> [Setting] {
        var settings: [Setting] = []
        func add(_ file: String, _ value: (some CustomStringConvertible)?) {
            if let value { settings.append(Setting(controller: nil, file: file, value: value.description)) }
        }
        func amount(_ value: Int64?) -> String? { nonZero(value).map { $0 < 0 ? "max" : "\($0)" } }
        let memory = resources.memory
        add("memory.max", amount(memory?.limit))
        if let swap = nonZero(memory?.swap) {
            // Version 1 and the specification count memory and swap together, version 2 swap alone.
            add("memory.swap.max", swap < 0 ? "max" : "\(max(0, swap - max(0, memory?.limit ?? 0)))")
        }
        add("memory.low", amount(memory?.reservation))
        let cpu = resources.cpu
        add("cpu.weight", nonZero(cpu?.shares).map { 1 + ((min(max($0, 2), 262_144) - 2) * 9999) / 262_142 })
        if cpu?.quota != nil || cpu?.period != nil {
            let quota = nonZero(cpu?.quota).map { $0 < 0 ? "max" : "\($0)" } ?? "max"
            if quota != "max" || nonZero(cpu?.period) != nil {
                add("cpu.max", "\(quota) \(nonZero(cpu?.period) ?? 100_000)")
            }
        }
        add("cpu.max.burst", nonZero(cpu?.burst))
        add("cpu.idle", nonZero(cpu?.idle))
        add("cpuset.cpus", nonEmpty(cpu?.cpus))
        add("cpuset.mems", nonEmpty(cpu?.mems))
        add("pids.max", resources.pids.flatMap { pidsValue($0.limit) })
        settings += unifiedBlockSettings(resources.blockIO)
        for (file, value) in (resources.unified ?? [:]).sorted(by: { $0.key < $1.key }) { add(file, value) }
        return settings
    }

    private static func unifiedBlockSettings(_ block: RuntimeSpec.BlockIO?) -> [Setting] {
        var settings: [Setting] = []
        if let weight = nonZero(block?.weight) {
            // BFQ keeps version 1's numbers; the kernel's own scheduler counts from 1 to 10000.
            let wide = 1 + (max(UInt64(weight), 10) - 10) * 9_999 / 990
            settings.append(Setting(file: "io.bfq.weight", value: "\(weight)", otherFile: "io.weight"))
            settings[0].otherValue = "default \(wide)"
        }
        for device in block?.weightDevice ?? [] {
            guard let weight = device.weight else { continue }
            settings.append(Setting(file: "io.bfq.weight", value: "\(device.major):\(device.minor) \(weight)"))
        }
        for (name, devices) in [
            ("rbps", block?.throttleReadBpsDevice), ("wbps", block?.throttleWriteBpsDevice),
            ("riops", block?.throttleReadIOPSDevice), ("wiops", block?.throttleWriteIOPSDevice),
        ] {
            for device in devices ?? [] {
                settings.append(
                    Setting(file: "io.max", value: "\(device.major):\(device.minor) \(name)=\(device.rate)")
                )
            }
        }
        return settings
    }

    private static func nonZero<Number: FixedWidthInteger>(_ value: Number?) -> Number? { value == 0 ? nil : value }

    private static func nonEmpty(_ value: String?) -> String? { value?.isEmpty == true ? nil : value }

    /// Docker writes 0 for no limit as well as -1.
    private static func pidsValue(_ limit: Int64) -> String? { limit == 0 ? nil : limit < 0 ? "max" : "\(limit)" }
}
