/// `8080`, `8080/udp` or `8000-9000/tcp`, as the filters `publish` and `expose` take them.
struct PortFilter: ArgumentValue, Hashable {
    private var numbers: ClosedRange<UInt16>
    private var kind: String

    init(argument: String) throws(ArgumentError) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts[0].isEmpty { throw ArgumentError("Empty string specified for ports.") }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        let first = try UInt16(argument: ends[0])
        let last = ends.count > 1 ? try UInt16(argument: ends[1]) : first
        if last < first { throw ArgumentError("Invalid range specified for the Port: \(parts[0])") }
        numbers = first...last
        kind = parts.count > 1 && !parts[1].isEmpty ? parts[1] : "tcp"
    }

    func covers(_ number: UInt16, _ protocol: String) -> Bool { numbers.contains(number) && `protocol` == kind }
}
