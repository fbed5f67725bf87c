/// Floating-point numbers as Go's `fmt` writes them, without Foundation's formatters.
enum GoNumber {
    /// `%.<digits>f`.
    static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return special(value) }
        let exact = Decimal(value.magnitude)
        return (value.sign == .minus ? "-" : "") + exact.fixed(digits)
    }

    /// `%.<digits>e`.
    static func scientific(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return special(value) }
        let (text, exponent) = Decimal(value.magnitude).rounded(significant: digits + 1)
        let mantissa = digits == 0 ? text : text.prefix(1) + "." + text.dropFirst()
        return (value.sign == .minus ? "-" : "") + mantissa + suffix(exponent)
    }

    /// `%.<digits>g`: so many significant digits, trailing zeros left out.
    static func significant(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return special(value) }
        let digits = max(digits, 1)
        let (text, exponent) = Decimal(value.magnitude).rounded(significant: digits)
        return (value.sign == .minus ? "-" : "") + shown(text, exponent, threshold: digits)
    }

    /// `%g` and `%v`: as few digits as tell the value apart; `%v` of a number writes exponents from 21 on.
    static func shortest(_ value: Double, threshold: Int = 21) -> String {
        guard value.isFinite else { return special(value) }
        let (text, exponent) = shortestDigits(value.magnitude)
        return (value.sign == .minus ? "-" : "") + shown(text, exponent, threshold: max(threshold, text.count))
    }

    private static func special(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf"
    }

    private static func suffix(_ exponent: Int) -> String {
        let digits = String(exponent.magnitude)
        return "e" + (exponent < 0 ? "-" : "+") + (digits.count < 2 ? "0" : "") + digits
    }

    /// Digits with the point after the first, times ten to `exponent`, as `%g` chooses to show it.
    private static func shown(_ digits: String, _ exponent: Int, threshold: Int) -> String {
        let stripped = String(digits.reversed().drop { $0 == "0" }.reversed())
        let kept = stripped.isEmpty ? "0" : stripped
        if exponent < -4 || exponent >= threshold {
            return (kept.count == 1 ? kept : kept.prefix(1) + "." + kept.dropFirst()) + suffix(exponent)
        }
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + kept }
        if kept.count <= exponent + 1 { return kept + String(repeating: "0", count: exponent + 1 - kept.count) }
        return kept.prefix(exponent + 1) + "." + kept.dropFirst(exponent + 1)
    }

    /// The digits of Swift's shortest description, and the exponent of the first.
    private static func shortestDigits(_ value: Double) -> (String, Int) {
        if value == 0 { return ("0", 0) }
        let parts = value.description.split(separator: "e")
        let number = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(number[0])
        let all = whole + (number.count > 1 ? String(number[1]) : "")
        let leading = all.prefix { $0 == "0" }.count
        let exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - 1 - leading
        return (String(all.dropFirst(leading)), exponent)
    }

    /// A double's exact value in decimal digits, for correct rounding.
    private struct Decimal {
        /// Digits from the most significant on; the point is after `point` of them (which may be outside).
        var digits: [UInt8]
        var point: Int

        init(_ value: Double) {
            // value = significand * 2^exponent, both integers: multiply or divide by two digit by digit.
            var mantissa = value.significandBitPattern
            var exponent = Int(value.exponentBitPattern) - 1075
            if value.exponentBitPattern == 0 { exponent += 1 } else { mantissa |= 1 << 52 }
            digits = mantissa == 0 ? [0] : String(mantissa).utf8.map { $0 - 48 }
            point = digits.count
            while exponent > 0 {
                double()
                exponent -= 1
            }
            while exponent < 0 {
                halve()
                exponent += 1
            }
        }

        private mutating func double() {
            var carry: UInt8 = 0
            for index in digits.indices.reversed() {
                let doubled = digits[index] * 2 + carry
                digits[index] = doubled % 10
                carry = doubled / 10
            }
            if carry > 0 {
                digits.insert(carry, at: 0)
                point += 1
            }
        }

        private mutating func halve() {
            var carry: UInt8 = 0
            for index in digits.indices {
                let value = carry * 10 + digits[index]
                digits[index] = value / 2
                carry = value % 2
            }
            if carry > 0 { digits.append(5) }
            if digits.first == 0, digits.count > 1 {
                digits.removeFirst()
                point -= 1
            }
        }

        /// Keeps `count` digits (negative counts keep none), half to even on the exact value.
        private func rounded(to count: Int) -> (digits: [UInt8], point: Int) {
            guard count < digits.count else { return (digits, point) }
            guard count >= 0 else { return ([0], point + 1) }
            var kept = Array(digits[..<count])
            let rest = digits[count...]
            let tail = rest.dropFirst().contains { $0 != 0 }
            let isOdd = (kept.last ?? 0) % 2 == 1
            guard let next = rest.first, next > 5 || (next == 5 && (tail || isOdd)) else { return (kept, point) }
            var index = count - 1
            while index >= 0 {
                if kept[index] < 9 {
                    kept[index] += 1
                    return (kept, point)
                }
                kept[index] = 0
                index -= 1
            }
            return ([1] + kept, point + 1)
        }

        /// With `places` digits after the point.
        func fixed(_ places: Int) -> String {
            let (kept, point) = rounded(to: self.point + places)
            func digit(_ index: Int) -> String { kept.indices.contains(index) ? String(kept[index]) : "0" }
            let whole = point < 1 ? "0" : (0..<point).map(digit).joined()
            return places == 0 ? whole : whole + "." + (point..<point + places).map(digit).joined()
        }

        /// `count` digits without a point, and the exponent of the first.
        func rounded(significant count: Int) -> (String, Int) {
            if digits == [0] { return (String(repeating: "0", count: count), 0) }
            let (kept, point) = rounded(to: count)
            let text = kept.prefix(count).map { String($0) }.joined()
            return (text + String(repeating: "0", count: max(0, count - text.count)), point - 1)
        }
    }
}
