/// Text as Go writes it, where Docker's users see it: in messages and in templates.
enum GoText {
    /// `%q` of a string.
    static func quoted(_ text: String) -> String { "\"" + escaped(text, quote: "\"") + "\"" }

    /// The same without the quotes: for text from outside that stands in a line of its own.
    static func printable(_ text: String) -> String { escaped(text, quote: "\\") }

    /// A line for people that may hold text from outside: it stays one, and what would steer their terminal is shown instead.
    static func visibleLine(_ text: String) -> String { visible(text, lineEnds: false) }

    /// The same for text that may have several lines.
    static func visible(_ text: String, lineEnds: Bool = true) -> String {
        let isHarmless = { (scalar: Unicode.Scalar) in
            scalar == "\n" && lineEnds || scalar == "\t" || scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
        }
        if text.unicodeScalars.allSatisfy(isHarmless) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHarmless(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\x" + hexadecimal(scalar.value, 2)
            }
        }
        return result
    }

    /// Several lines put into one, for people.
    static func oneLine(_ text: String) -> String { visible(text.split(separator: "\n").joined(separator: " ")) }

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
