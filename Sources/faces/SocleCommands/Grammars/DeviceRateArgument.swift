import ContainerManagement

/// `/dev/sda:VALUE`, the parts that Docker finds wrong first.
private func split(_ argument: String) throws(ArgumentError) -> (path: String, value: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty else { throw ArgumentError("bad format: \(argument)") }
    guard parts[0].hasPrefix("/dev/") else { throw ArgumentError("bad format for device path: \(argument)") }
    return (parts[0], parts[1])
}

/// `--device-read-bps /dev/sda:1mb`
struct DeviceBytes: ArgumentValue, Hashable {
    var rate: BlockLimits.Rate

    init(argument: String) throws(ArgumentError) {
        let (path, value) = try split(argument)
        guard let size = try? ByteSize(argument: value), let bytes = UInt64(exactly: size.bytes) else {
            throw ArgumentError(
                "invalid rate for device: \(argument). The correct format is <device-path>:<number>[<unit>]. Number must "
                    + "be a positive integer. Unit is optional and can be kb, mb, or gb"
            )
        }
        rate = .init(path: path, value: bytes)
    }
}

/// `--device-read-iops /dev/sda:1000`
struct DeviceOperations: ArgumentValue, Hashable {
    var rate: BlockLimits.Rate

    init(argument: String) throws(ArgumentError) {
        let (path, value) = try split(argument)
        guard let count = UInt64(value) else {
            throw ArgumentError(
                "invalid rate for device: \(argument). The correct format is <device-path>:<number>. Number must be a "
                    + "positive integer"
            )
        }
        rate = .init(path: path, value: count)
    }
}

/// `--blkio-weight-device /dev/sda:300`
struct DeviceWeight: ArgumentValue, Hashable {
    var rate: BlockLimits.Rate

    init(argument: String) throws(ArgumentError) {
        let (path, value) = try split(argument)
        guard let weight = UInt16(value), weight == 0 || (10...1000).contains(weight) else {
            throw ArgumentError("invalid weight for device: \(argument)")
        }
        rate = .init(path: path, value: UInt64(weight))
    }
}

/// `--device-cgroup-rule 'c 42:* rwm'`
struct DeviceRuleArgument: ArgumentValue, Hashable {
    var request: DeviceRuleRequest

    init(argument: String) throws(ArgumentError) {
        guard let request = DeviceRuleRequest(argument) else {
            throw ArgumentError("invalid device cgroup format '\(argument)'")
        }
        self.request = request
    }
}

extension UInt16: ArgumentValue {
    init(argument: String) throws(ArgumentError) {
        if let value = UInt16(argument) {
            self = value
            return
        }
        let isNumber = !argument.isEmpty && argument.utf8.allSatisfy { (48...57).contains($0) }
        throw ArgumentError(
            "strconv.ParseUint: parsing \(GoText.quoted(argument)): "
                + (isNumber ? "value out of range" : "invalid syntax")
        )
    }
}
