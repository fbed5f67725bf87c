/// A number as a template writes it: Go's integers with `0x`, `0o`, `0b`, `_`, and floating point.
enum TemplateNumber: Hashable, Sendable {
    case integer(Int64)
    case float(Double)

    init?(_ text: String) {
        let isNegative = text.hasPrefix("-")
        let body = text.hasPrefix("-") || text.hasPrefix("+") ? String(text.dropFirst()) : text
        guard let first = body.utf8.first, first != UInt8(ascii: "_"), !body.hasSuffix("_"), !body.contains("__") else {
            return nil
        }
        let digits = body.filter { $0 != "_" }
        if let integer = Self.integer(digits) {
            self = .integer(isNegative ? -integer : integer)
        } else if digits.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let value = Double(digits) {
            // Go takes a constant such as 1e3 for an integer where that loses nothing.
            self = .float(isNegative ? -value : value)
            if let whole = Int64(exactly: value), !digits.contains(".") { self = .integer(isNegative ? -whole : whole) }
        } else {
            return nil
        }
    }

    private static func integer(_ digits: String) -> Int64? {
        let lower = digits.lowercased()
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where lower.hasPrefix(prefix) {
            return Int64(lower.dropFirst(2), radix: radix)
        }
        if lower.utf8.count > 1, lower.hasPrefix("0"), let octal = Int64(lower, radix: 8) { return octal }
        return Int64(digits)
    }
}
