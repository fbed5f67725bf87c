import OCISpec
import Reporting

/// What a container may do with the host's disks.
package struct BlockLimits: Codable, Sendable, Hashable {
    /// A number for one device of the host's.
    package struct Rate: Codable, Sendable, Hashable {
        /// The device's path on the host.
        package var path: String
        package var value: UInt64

        package init(path: String, value: UInt64) {
            self.path = path
            self.value = value
        }
    }

    /// From 10 to 1000; 0 is the default.
    package var weight: UInt16?
    package var weights: [Rate] = []
    /// In bytes a second.
    package var bytesRead: [Rate] = []
    package var bytesWritten: [Rate] = []
    /// In operations a second.
    package var reads: [Rate] = []
    package var writes: [Rate] = []

    package init() {}

    /// The devices that it names.
    var paths: Set<String> { Set((weights + bytesRead + bytesWritten + reads + writes).map(\.path)) }

    /// As the specification has it; devices that aren't among `numbers` are left out.
    func specification(_ numbers: [String: DeviceNumber]) -> RuntimeSpec.BlockIO? {
        var value = RuntimeSpec.BlockIO()
        if let weight, weight != 0 { value.weight = weight }
        let weighted = weights.compactMap { rate in
            numbers[rate.path].map {
                RuntimeSpec.WeightDevice(major: $0.major, minor: $0.minor, weight: UInt16(clamping: rate.value))
            }
        }
        if !weighted.isEmpty { value.weightDevice = weighted }
        func throttle(_ rates: [Rate]) -> [RuntimeSpec.ThrottleDevice]? {
            let found = rates.compactMap { rate in
                numbers[rate.path].map {
                    RuntimeSpec.ThrottleDevice(major: $0.major, minor: $0.minor, rate: rate.value)
                }
            }
            return found.isEmpty ? nil : found
        }
        value.throttleReadBpsDevice = throttle(bytesRead)
        value.throttleWriteBpsDevice = throttle(bytesWritten)
        value.throttleReadIOPSDevice = throttle(reads)
        value.throttleWriteIOPSDevice = throttle(writes)
        return value == RuntimeSpec.BlockIO() ? nil : value
    }
}

/// The numbers by which the kernel knows a device.
package struct DeviceNumber: Sendable, Hashable {
    package var major: Int64
    package var minor: Int64

    package init(major: Int64, minor: Int64) {
        self.major = major
        self.minor = minor
    }
}

/// `--device-cgroup-rule`: `c 42:* rwm`.
package struct DeviceRuleRequest: Codable, Sendable, Hashable {
    package var text: String
    let type: String
    let major: Int64?
    let minor: Int64?
    let access: String

    /// nil for what is no rule.
    package init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3, ["a", "b", "c"].contains(words[0]), (1...3).contains(words[2].utf8.count),
            words[2].allSatisfy({ "rwm".contains($0) })
        else { return nil }
        let numbers = words[1].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard numbers.count == 2 else { return nil }
        var found: [Int64?] = []
        for number in numbers {
            if number == "*" {
                found.append(nil)
                // The largest number means any of them to the kernel.
            } else if number.utf8.allSatisfy({ (48...57).contains($0) }), let value = UInt32(number), value != .max {
                found.append(Int64(value))
            } else {
                return nil
            }
        }
        self.text = text
        type = words[0]
        (major, minor) = (found[0], found[1])
        access = words[2]
    }

    var rule: RuntimeSpec.DeviceRule {
        .init(allow: true, type: type, major: major, minor: minor, access: access)
    }
}
