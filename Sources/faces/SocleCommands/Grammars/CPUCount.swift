/// `--cpus 1.5`: billionths of a CPU.
struct CPUCount: ArgumentValue, Hashable {
    var billionths: Int64

    /// A rational number as Go reads it: `1.5`, `15e-1`, `3/2`.
    init(argument: String) throws(ArgumentError) {
        let isNegative = argument.hasPrefix("-")
        let text = isNegative || argument.hasPrefix("+") ? argument.dropFirst() : argument[...]
        let number = text.contains("/") ? Self.fraction(text) : Self.decimal(text)
        guard let number else { throw ArgumentError("failed to parse \(argument) as a rational number") }
        guard let whole = number.billionths else { throw ArgumentError("value is too precise") }
        billionths = isNegative ? -whole : whole
    }

    /// A number that was read.
    private struct Number {
        /// nil where it has parts of a billionth; more than there is room for is as much as there is.
        var billionths: Int64?
    }

    private static func fraction(_ text: Substring) -> Number? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(isDigits), let over = Int64(parts[0]), let under = Int64(parts[1]), under != 0 else {
            return nil
        }
        let product = over.multipliedFullWidth(by: 1_000_000_000)
        // A quotient that overflows is beyond every machine.
        guard product.high < under else { return Number(billionths: .max) }
        let (quotient, remainder) = under.dividingFullWidth(product)
        return Number(billionths: remainder == 0 ? quotient : nil)
    }

    private static func decimal(_ text: Substring) -> Number? {
        let halves = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        var power = 9
        if halves.count == 2 {
            let digits = halves[1].hasPrefix("-") || halves[1].hasPrefix("+") ? halves[1].dropFirst() : halves[1]
            guard isDigits(digits), let exponent = Int(halves[1]), abs(exponent) < 1_000 else { return nil }
            power += exponent
        }
        let parts = halves[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.joined()
        guard isDigits(digits[...]) else { return nil }
        power -= parts.count == 2 ? parts[1].utf8.count : 0
        return Number(billionths: scaled(digits, by: power))
    }

    /// The digits with so many zeros more, or less.
    private static func scaled(_ digits: String, by power: Int) -> Int64? {
        let significant = digits.drop { $0 == "0" }
        if significant.isEmpty { return 0 }
        let zeros = significant.reversed().prefix { $0 == "0" }.count
        guard power >= -zeros else { return nil }
        if power < 0 { return Int64(significant.dropLast(-power)) ?? .max }
        return significant.count + power > 19 ? .max : Int64(significant + String(repeating: "0", count: power)) ?? .max
    }

    private static func isDigits(_ text: Substring) -> Bool { !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) } }
}
