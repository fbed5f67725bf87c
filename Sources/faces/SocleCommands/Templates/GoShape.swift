import OCISpec

/// What a place in a Docker document says about the Go type there, which decides how a value prints, and what a part
/// is that JSON leaves out.
///
/// Docker runs templates on Go structs: a missing list prints `[]`, a label that isn't there `<no value>`, and a field
/// that the struct doesn't have is an error. Plain JSON doesn't tell these apart, the names of the fields do.
enum GoShape: Sendable, Hashable {
    case plain
    /// A slice: null is the empty list.
    case list
    /// A map: a key that isn't there is no error.
    case map
    /// A duration in nanoseconds.
    case duration

    private static let lists: Set<String> = [
        "Aliases", "Args", "Binds", "BlkioDeviceReadBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteBps",
        "BlkioDeviceWriteIOps", "BlkioWeightDevice", "CapAdd", "CapDrop", "Cmd", "ConsoleSize", "DeviceCgroupRules",
        "DeviceRequests", "Devices", "Dns", "DnsOptions", "DnsSearch", "Entrypoint", "Env", "ExecIDs", "ExtraHosts",
        "GroupAdd", "Layers", "Links", "Log", "MaskedPaths", "Mounts", "OnBuild", "ReadonlyPaths", "RepoDigests",
        "RepoTags", "SecondaryIPAddresses", "SecondaryIPv6Addresses", "SecurityOpt", "Shell", "Test", "Ulimits",
        "VolumesFrom",
    ]

    private static let maps: Set<String> = [
        "Annotations", "Attributes", "Data", "DriverOpts", "ExposedPorts", "Labels", "Networks", "Options", "PortBindings", "Ports",
        "StorageOpt", "Sysctls", "Tmpfs", "Volumes",
    ]

    private static let durations: Set<String> = ["Interval", "StartInterval", "StartPeriod", "Timeout"]

    /// Fields that JSON leaves out when they are empty, with what they are then.
    private static let omitted: [String: JSONValue] = [
        "Annotations": .null, "ArgsEscaped": false, "ExposedPorts": .null, "Health": .null, "Healthcheck": .null, "Init": .null,
        "Interval": 0, "MacAddress": "", "Mounts": .null, "NetworkDisabled": false, "OsVersion": "", "Propagation": "",
        "Retries": 0, "Shell": .null, "SizeRootFs": .null, "SizeRw": .null, "StartPeriod": 0, "StopSignal": "",
        "StopTimeout": .null, "StorageOpt": .null, "Sysctls": .null, "Test": .null, "Timeout": 0, "Tmpfs": .null,
        "Variant": "",
    ]

    /// The shape of the value of a field called `name`; `Config` is a map only as a log's configuration.
    static func of(_ name: String, in parent: JSONObject) -> GoShape {
        if lists.contains(name) { return .list }
        if maps.contains(name) || (name == "Config" && parent["Type"] != nil) { return .map }
        return durations.contains(name) ? .duration : .plain
    }

    /// The value of a field that is not in the document; nil where the struct has no such field.
    static func omission(_ name: String, in parent: JSONObject) -> JSONValue? {
        // A mount of a container: others than volumes have no name.
        if ["Name", "Driver"].contains(name), parent["Destination"] != nil { return "" }
        return omitted[name]
    }

    /// `fmt.Print` of a value.
    static func printed(_ value: JSONValue, _ shape: GoShape = .plain) -> String {
        switch value {
        case .null: shape == .list ? "[]" : shape == .map ? "map[]" : "<nil>"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): shape == .duration ? duration(value) : String(value)
        case .unsigned(let value): String(value)
        case .number(let value): GoNumber.shortest(value)
        case .string(let text): text
        case .array(let elements): "[" + elements.map { printed($0) }.joined(separator: " ") + "]"
        case .object(let object): printed(object, isMap: shape == .map)
        }
    }

    private static func printed(_ object: JSONObject, isMap: Bool) -> String {
        if isMap {
            let members = object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return "map[" + members.map { "\($0.key):\(printed($0.value))" }.joined(separator: " ") + "]"
        }
        let values = object.members.map { printed($0.value, of($0.key, in: object)) }
        return "{" + values.joined(separator: " ") + "}"
    }

    /// Go's `time.Duration`: `1m30s`, `1.5s`, `250ms`.
    static func duration(_ nanoseconds: Int64) -> String {
        if nanoseconds == 0 { return "0s" }
        let sign = nanoseconds < 0 ? "-" : ""
        let value = nanoseconds.magnitude
        for (unit, size) in [("ns", UInt64(1)), ("µs", 1000), ("ms", 1_000_000)] where value < size * 1000 {
            return sign + fraction(value, size) + unit
        }
        let seconds = value / 1_000_000_000
        let rest = fraction(value - seconds / 60 * 60_000_000_000, 1_000_000_000) + "s"
        if seconds < 60 { return sign + rest }
        if seconds < 3600 { return sign + "\(seconds / 60)m" + rest }
        return sign + "\(seconds / 3600)h\(seconds / 60 % 60)m" + rest
    }

    private static func fraction(_ value: UInt64, _ unit: UInt64) -> String {
        var digits = String(unit + value % unit).dropFirst()
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(value / unit)" + (digits.isEmpty ? "" : "." + digits)
    }
}
