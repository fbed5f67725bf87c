/// Text as Go writes it, where Docker's users see it: in messages and in templates.
enum GoText {
    /// `%q` of a string.
    static func quoted(_ text: String) -> String { "\"" + escaped(text, quote: "\"") + "\"" }

    /// The same without the quotes: for text from outside that stands in a line of its own.
    static func printable(_ text: String) -> String { escaped(text, quote: "\\") }

    /// `%q` of a character.
    static func quotedCharacter(_ character: Character) -> String {
        "'" + escaped(String(character), quote: "'") + "'"
    }

    private static func escaped(_ text: String, quote: Unicode.Scalar) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case quote, "\\": result.unicodeScalars.append(contentsOf: ["\\", scalar])
            case "\u{7}": result += "\\a"
            case "\u{8}": result += "\\b"
            case "\u{c}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{b}": result += "\\v"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x80: result += "\\x" + hexadecimal(scalar.value, 2)
            case _ where scalar.value < 0x10000: result += "\\u" + hexadecimal(scalar.value, 4)
            default: result += "\\U" + hexadecimal(scalar.value, 8)
            }
        }
        return result
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return scalar.value >= 0x20 && scalar.value != 0x7f }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    /// `value` in base 16 with at least `width` digits.
    static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
