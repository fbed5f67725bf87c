import ContainerManagement

/// `--ulimit nofile=1024:2048`.
struct UlimitArgument: ArgumentValue, Hashable {
    var request: UlimitRequest

    private static let names: Set<String> = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime", "sigpending", "stack",
    ]

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw ArgumentError("invalid ulimit argument: \(argument)") }
        guard Self.names.contains(parts[0]) else { throw ArgumentError("invalid ulimit type: \(parts[0])") }
        let limits = parts[1].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard limits.count <= 2 else {
            throw ArgumentError("too many limit value arguments - \(parts[1]), can only have up to two, `soft[:hard]`")
        }
        let soft = try Int64(argument: limits[0])
        let hard = limits.count > 1 ? try Int64(argument: limits[1]) : soft
        if hard >= 0, soft > hard || soft == -1 {
            throw ArgumentError("ulimit soft limit must be less than or equal to hard limit: \(soft) > \(hard)")
        }
        request = UlimitRequest(name: parts[0], soft: soft, hard: hard)
    }
}

extension [UlimitArgument] {
    /// What is asked for: of several for one limit, the last.
    var requests: [UlimitRequest] {
        reduce(into: []) { requests, argument in
            requests.removeAll { $0.name == argument.request.name }
            requests.append(argument.request)
        }
    }
}

/// `--device /dev/fuse[:/dev/fuse[:rwm]]`.
struct DeviceArgument: ArgumentValue, Hashable {
    var request: DeviceRequest

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        func isMode(_ text: String) -> Bool { !text.isEmpty && text.allSatisfy { "rwm".contains($0) } }
        guard parts.count <= 3, let host = parts.first, !host.isEmpty else {
            throw ArgumentError("invalid device specification: \(argument)")
        }
        var container = host
        var mode = "rwm"
        if parts.count > 1 { if isMode(parts[1]), parts.count == 2 { mode = parts[1] } else { container = parts[1] } }
        if parts.count > 2 { mode = parts[2] }
        guard isMode(mode) else { throw ArgumentError("invalid mode: \(mode)", hint: "letters of \"rwm\"") }
        guard container.hasPrefix("/") else { throw ArgumentError("\(container) is not an absolute path") }
        request = DeviceRequest(host: host, container: container, permissions: mode)
    }
}
