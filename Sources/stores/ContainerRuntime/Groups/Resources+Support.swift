internal import OCISpec
internal import Reporting

extension RuntimeSpec.Resources {
    /// Refuses by name what the specification knows and these control groups don't have, or what isn't set here.
    func checkSupport(isUnified: Bool) throws(RuntimeError) {
        let devices = blockIO?.weightDevice ?? []
        let never: [(Bool, String)] = [
            (!(hugepageLimits ?? []).isEmpty, "hugepageLimits"), (isSet(memory?.kernel), "memory.kernel"),
            (isSet(memory?.kernelTCP), "memory.kernelTCP"), (isSet(blockIO?.leafWeight), "blockIO.leafWeight"),
            (devices.contains { isSet($0.leafWeight) }, "blockIO.weightDevice.leafWeight"),
        ]
        let ofVersion1: [(Bool, String)] = [
            (memory?.swappiness != nil, "memory.swappiness"),
            (memory?.disableOOMKiller == true, "memory.disableOOMKiller"),
            (isSet(cpu?.realtimeRuntime), "cpu.realtimeRuntime"), (isSet(cpu?.realtimePeriod), "cpu.realtimePeriod"),
        ]
        let ofVersion2 = [(!(unified ?? [:]).isEmpty, "unified")]
        if let (_, name) = never.first(where: \.0) {
            throw RuntimeError(.unsupported, "linux.resources.\(name) is not supported")
        }
        if let (_, name) = (isUnified ? ofVersion1 : ofVersion2).first(where: \.0) {
            throw RuntimeError(
                .unsupported,
                "linux.resources.\(name) is not supported with control groups of version \(isUnified ? 2 : 1)"
            )
        }
    }

    /// Whether a number limits anything: engines write 0, or -1, for what they don't set.
    private func isSet(_ value: (some FixedWidthInteger)?) -> Bool { (value ?? 0) > 0 }
}
