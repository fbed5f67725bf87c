public import Reporting

/// Times as flags have them: `1h30m`, `500ms`.
public enum GoDuration {
    /// The time in nanoseconds, for flags that have nothing to do with a Dockerfile.
    public static func parse(_ text: String) throws(PlainFailure) -> Int64 {
        do { return try nanoseconds(text) } catch { throw PlainFailure(.invalidArgument, error.message) }
    }

    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]

    /// The time in nanoseconds, or the message that Go gives.
    static func nanoseconds(_ text: String) throws(SyntaxError) -> Int64 {
        let invalid = SyntaxError("time: invalid duration \(text.goQuoted)")
        var rest = text[...]
        var isNegative = false
        if let sign = rest.first, sign == "-" || sign == "+" {
            isNegative = sign == "-"
            rest = rest.dropFirst()
        }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { throw invalid }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            guard number.contains(where: { $0 != "." }), let value = Double(normal(number)) else { throw invalid }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            guard !unit.isEmpty else { throw SyntaxError("time: missing unit in duration \(text.goQuoted)") }
            guard let factor = units.first(where: { $0.name == unit })?.nanoseconds else {
                throw SyntaxError("time: unknown unit \(String(unit).goQuoted) in duration \(text.goQuoted)")
            }
            rest = rest.dropFirst(unit.count)
            total += value * factor
        }
        guard total < 9.2e18 else { throw invalid }
        return Int64(isNegative ? -total : total)
    }

    /// `.5` and `5.` are numbers too.
    private static func normal(_ number: Substring) -> String {
        (number.hasPrefix(".") ? "0" : "") + number + (number.hasSuffix(".") ? "0" : "")
    }
}
