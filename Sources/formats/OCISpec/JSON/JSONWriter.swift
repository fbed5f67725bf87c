extension JSONValue {
    /// The text as Go's encoder would write it.
    ///
    /// With `indent` each member is on its own line, that many spaces deeper per level. `escapingHTML` writes `<`, `>`
    /// and `&` as escapes: Go's default, which Docker's stored documents use and `docker inspect` doesn't.
    public func serialized(indent: Int? = nil, escapingHTML: Bool = false) -> String {
        var writer = JSONWriter(indent: indent, escapesHTML: escapingHTML)
        writer.write(self, depth: 0)
        return String(decoding: writer.output, as: UTF8.self)
    }
}

private struct JSONWriter {
    let indent: Int?
    let escapesHTML: Bool
    var output: [UInt8] = []

    init(indent: Int?, escapesHTML: Bool) {
        self.indent = indent
        self.escapesHTML = escapesHTML
    }

    mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(String(value))
        case .number(let value): append(GoNumber.text(value))
        case .string(let text): writeString(text)
        case .array(let elements):
            append("[")
            for (index, element) in elements.enumerated() {
                startElement(index, depth: depth)
                write(element, depth: depth + 1)
            }
            if !elements.isEmpty { breakLine(depth: depth) }
            append("]")
        case .object(let object):
            append("{")
            for (index, member) in object.members.enumerated() {
                startElement(index, depth: depth)
                writeString(member.key)
                append(indent == nil ? ":" : ": ")
                write(member.value, depth: depth + 1)
            }
            if !object.isEmpty { breakLine(depth: depth) }
            append("}")
        }
    }

    private mutating func startElement(_ index: Int, depth: Int) {
        if index > 0 { append(",") }
        breakLine(depth: depth + 1)
    }

    private mutating func breakLine(depth: Int) {
        guard let indent else { return }
        output.append(0x0a)
        output.append(contentsOf: repeatElement(0x20, count: indent * depth))
    }

    private mutating func writeString(_ text: String) {
        output.append(0x22)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "<", ">", "&":
                if escapesHTML { writeEscape(scalar) } else { output.append(UInt8(scalar.value)) }
            case "\u{2028}", "\u{2029}": writeEscape(scalar)
            default:
                if scalar.value < 0x20 { writeEscape(scalar) } else { append(String(scalar)) }
            }
        }
        output.append(0x22)
    }

    private mutating func writeEscape(_ scalar: Unicode.Scalar) {
        let hex = String(scalar.value, radix: 16)
        append("\\u" + String(repeating: "0", count: 4 - hex.count) + hex)
    }

    private mutating func append(_ text: String) { output.append(contentsOf: text.utf8) }
}

/// Floating-point numbers as Go's encoder writes them: the shortest digits, plain from 1e-6 to 1e21.
private enum GoNumber {
    static func text(_ value: Double) -> String {
        // JSON has no way to say these; Go refuses the whole value, which is no use to a reader.
        guard value.isFinite else { return "null" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = shortest(value.magnitude)
        let sign = value < 0 ? "-" : ""
        // The value is 0.DIGITS × 10^exponent.
        if exponent > 21 || exponent < -5 {
            let rest = digits.dropFirst()
            let power = exponent - 1
            let fraction = rest.isEmpty ? "" : ".\(rest)"
            return "\(sign)\(digits.prefix(1))\(fraction)e\(power < 0 ? "-" : "+")\(power.magnitude)"
        }
        if exponent <= 0 { return "\(sign)0." + String(repeating: "0", count: -exponent) + digits }
        if digits.count <= exponent { return sign + digits + String(repeating: "0", count: exponent - digits.count) }
        return "\(sign)\(digits.prefix(exponent)).\(digits.dropFirst(exponent))"
    }

    /// Swift's own shortest digits, without dots, and the place of the point.
    private static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
        let parts = "\(value)".split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        var exponent = mantissa[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        var digits = String(mantissa[0] + fraction)
        while digits.hasPrefix("0"), digits.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
        return (digits, exponent)
    }
}
