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

extension JSONValue {
    /// The bytes of a document of this program's own: on one line, with nothing escaped that needs not be. Digests are made of them,
    /// so this form doesn't change.
    var stored: [UInt8] {
        var writer = JSONWriter(indent: nil, escapesHTML: false, form: .stored)
        writer.write(self, depth: 0)
        return writer.output
    }
}

private struct JSONWriter {
    enum Form {
        /// As Go's encoder writes.
        case go
        /// As Swift's own encoder of documents does: with short escapes, and separators of lines as they are.
        case stored
    }

    let indent: Int?
    let escapesHTML: Bool
    let form: Form
    var output: [UInt8] = []

    init(indent: Int?, escapesHTML: Bool, form: Form = .go) {
        self.indent = indent
        self.escapesHTML = escapesHTML
        self.form = form
    }

    mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(String(value))
        case .unsigned(let value): append(String(value))
        case .number(let value): append(form == .go ? GoNumber.text(value) : Self.swiftText(value))
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

    /// `1` for 1.0, and otherwise the shortest digits as Swift has them.
    private static func swiftText(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private mutating func writeString(_ text: String) {
        output.append(0x22)
        let bytes = Array(text.utf8)
        var start = 0
        for (index, byte) in bytes.enumerated() {
            guard let escape = escape(byte, bytes, index) else { continue }
            output.append(contentsOf: bytes[start..<index])
            output.append(contentsOf: escape.text.utf8)
            start = index + escape.length
        }
        output.append(contentsOf: bytes[start...])
        output.append(0x22)
    }

    /// What stands for the character that begins with this byte, and how many bytes that has; nil where it stands for itself.
    private func escape(_ byte: UInt8, _ bytes: [UInt8], _ index: Int) -> (text: String, length: Int)? {
        switch byte {
        case UInt8(ascii: "\""): ("\\\"", 1)
        case UInt8(ascii: "\\"): ("\\\\", 1)
        case UInt8(ascii: "\n"): ("\\n", 1)
        case UInt8(ascii: "\r"): ("\\r", 1)
        case UInt8(ascii: "\t"): ("\\t", 1)
        case 0x08 where form == .stored: ("\\b", 1)
        case 0x0c where form == .stored: ("\\f", 1)
        case 0..<0x20: (Self.escape(UInt32(byte)), 1)
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): escapesHTML ? (Self.escape(UInt32(byte)), 1) : nil
        // U+2028 and U+2029, which end lines in JavaScript.
        case 0xe2 where form == .go && bytes.count > index + 2 && bytes[index + 1] == 0x80 && bytes[index + 2] & 0xfe == 0xa8:
            (Self.escape(0x2000 + UInt32(bytes[index + 2] - 0x80)), 3)
        default: nil
        }
    }

    private static func escape(_ scalar: UInt32) -> String {
        let hex = String(scalar, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
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
