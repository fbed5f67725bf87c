internal import LinuxSystem
internal import OCISpec

// Control groups of version 1: systemd has properties of other names for them, and sets the devices that a unit may use whenever it
// reads its units again, so that it must know them.

extension SystemdScope {
    /// The unit's properties that stand for the files of version 1.
    static func version1Properties(_ resources: RuntimeSpec.Resources) -> [String] {
        let names = [
            "memory.limit_in_bytes": "MemoryLimit", "cpu.shares": "CPUShares", "blkio.weight": "BlockIOWeight", "pids.max": "TasksMax",
        ]
        var properties: [String] = []
        for setting in ControlGroup.settings(resources) {
            guard let name = names[setting.file] else { continue }
            properties.append("\(name)=\(["max", "-1"].contains(setting.value) ? "infinity" : setting.value)")
        }
        let cpu = resources.cpu
        let period = cpu?.period.flatMap { $0 == 0 ? nil : Int64(clamping: $0) }
        if let quota = cpu?.quota, quota != 0 { properties += quotaProperties(quota: quota < 0 ? nil : quota, period: period ?? 100_000) }
        return properties
    }

    /// The devices that may be used, as properties. systemd has a list of what is allowed and nothing to take out of it: what is denied
    /// is left out where the same rule has allowed it before.
    ///
    /// - Parameter drivers: the text of `/proc/devices`, by whose names systemd knows all devices of one driver.
    static func deviceProperties(_ rules: [RuntimeSpec.DeviceRule], drivers: String) -> [String] {
        var allowed: [String] = []
        var allowsAll = true
        for rule in rules {
            if [nil, "a"].contains(rule.type) {
                allowed = []
                allowsAll = rule.allow
                continue
            }
            guard let device = device(rule, drivers) else { continue }
            let access = rule.access ?? "rwm"
            let entry = "DeviceAllow=\(device) \(access)"
            allowed.removeAll { $0 == entry }
            if rule.allow { allowed.append(entry) }
        }
        return allowsAll ? ["DevicePolicy=auto"] : ["DevicePolicy=strict"] + allowed
    }

    /// `/dev/char/1:3`, `char-pts`, `block-*`; nil for numbers that have no driver.
    private static func device(_ rule: RuntimeSpec.DeviceRule, _ drivers: String) -> String? {
        let kind = rule.type == "b" ? "block" : "char"
        guard let major = rule.major, major >= 0 else { return "\(kind)-*" }
        if let minor = rule.minor, minor >= 0 { return "/dev/\(kind)/\(major):\(minor)" }
        var section = ""
        for line in drivers.split(separator: "\n") {
            if line.hasSuffix("devices:") {
                section = line.hasPrefix("Block") ? "block" : "char"
                continue
            }
            let words = line.split(separator: " ")
            if section == kind, words.count == 2, Int64(words[0]) == major { return "\(kind)-\(words[1])" }
        }
        return nil
    }
}
