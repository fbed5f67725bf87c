import DockerfileSyntax
import OCISpec

// How Docker's history writes values: Go's ways of printing them.

extension [String] {
    /// `["a" "b"]`
    var quotedList: String { "[" + map(\.goQuoted).joined(separator: " ") + "]" }

    /// `[a b]`
    var plainList: String { "[" + joined(separator: " ") + "]" }
}

extension Healthcheck {
    init(_ instruction: HealthcheckInstruction) {
        self.init(test: instruction.test)
        guard let check = instruction.check else { return }
        interval = check.interval
        timeout = check.timeout
        startPeriod = check.startPeriod
        startInterval = check.startInterval
        retries = check.retries
    }

    /// `{Test:[CMD-SHELL x] Interval:1s …}`
    var historyText: String {
        "{Test:\(test.plainList) Interval:\(Self.time(interval)) Timeout:\(Self.time(timeout)) "
            + "StartPeriod:\(Self.time(startPeriod)) StartInterval:\(Self.time(startInterval)) Retries:\(retries)}"
    }

    /// A time as Go prints it: `1m30s`, `1.5s`, `100ms`, `0s`.
    static func time(_ nanoseconds: Int64) -> String {
        let value = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch value {
        case 0: return "0s"
        case ..<1000: return "\(sign)\(value)ns"
        case ..<1_000_000: return sign + fraction(value, 1000) + "µs"
        case ..<1_000_000_000: return sign + fraction(value, 1_000_000) + "ms"
        default:
            let minutes = value / 60_000_000_000
            let seconds = fraction(value % 60_000_000_000, 1_000_000_000) + "s"
            if minutes == 0 { return sign + seconds }
            return minutes < 60 ? "\(sign)\(minutes)m\(seconds)" : "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
        }
    }

    private static func fraction(_ value: UInt64, _ unit: UInt64) -> String {
        var digits = String(unit + value % unit).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return digits.isEmpty ? "\(value / unit)" : "\(value / unit).\(digits)"
    }
}

/// The signals that STOPSIGNAL takes.
enum StopSignal {
    private static let names: Set<String> = [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
        "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
        "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
    ]

    /// Whether a text is a signal's number or name, with or without `SIG`.
    static func isValid(_ text: String) -> Bool {
        if let number = Int(text) { return number > 0 && number <= 64 }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        if names.contains(name) { return true }
        for (prefix, largest) in [("RTMIN", 15), ("RTMAX", 14)] where name.hasPrefix(prefix) {
            let rest = name.dropFirst(5)
            guard !rest.isEmpty else { return true }
            let sign = prefix == "RTMIN" ? "+" : "-"
            guard rest.hasPrefix(sign), let offset = Int(rest.dropFirst()) else { return false }
            return offset >= 1 && offset <= largest
        }
        return false
    }
}
