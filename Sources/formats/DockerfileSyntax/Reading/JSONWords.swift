/// The JSON form of arguments: an array of strings.
enum JSONWords {
    enum Form {
        case array([Word])
        /// An array, but not one of strings alone.
        case notStrings
        /// Not JSON; the text means something else.
        case other
    }

    static func read(_ text: JoinedText, _ range: Range<Int>) -> Form {
        guard !range.isEmpty, text.bytes[range.lowerBound] == ASCII.bracket else { return .other }
        var scanner = JSONScanner(text.bytes, range)
        guard let elements = scanner.array(), scanner.isAtEnd else { return .other }
        var words: [Word] = []
        for (string, place) in elements {
            guard let string else { return .notStrings }
            words.append(Word(string, range: text.range(of: place)))
        }
        return .array(words)
    }
}

/// Reads just enough JSON to know an array of strings from other arrays and from text that is no JSON.
private struct JSONScanner {
    private let bytes: [UInt8]
    private let end: Int
    private var position: Int
    private var depth = 0

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return position == end
        }
    }

    private var peek: UInt8? { position < end ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        position += 1
        return true
    }

    /// An array's elements, nil for those that aren't strings; nil if it isn't an array.
    mutating func array() -> [(String?, Range<Int>)]? {
        guard take(UInt8(ascii: "[")) else { return nil }
        var elements: [(String?, Range<Int>)] = []
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            skipSpace()
            let start = position
            if peek == ASCII.quote {
                guard let string = string() else { return nil }
                elements.append((string, start..<position))
            } else {
                guard value() else { return nil }
                elements.append((nil, start..<position))
            }
            if take(UInt8(ascii: "]")) { return elements }
            guard take(ASCII.comma) else { return nil }
        }
    }

    /// Any value; says whether there was one.
    private mutating func value() -> Bool {
        depth += 1
        defer { depth -= 1 }
        guard depth < 200 else { return false }
        skipSpace()
        switch peek {
        case UInt8(ascii: "\""): return string() != nil
        case UInt8(ascii: "["): return array() != nil
        case UInt8(ascii: "{"): return object()
        case UInt8(ascii: "t"): return literal("true")
        case UInt8(ascii: "f"): return literal("false")
        case UInt8(ascii: "n"): return literal("null")
        default: return number()
        }
    }

    private mutating func object() -> Bool {
        guard take(UInt8(ascii: "{")) else { return false }
        if take(UInt8(ascii: "}")) { return true }
        while true {
            skipSpace()
            guard string() != nil, take(UInt8(ascii: ":")), value() else { return false }
            if take(UInt8(ascii: "}")) { return true }
            guard take(ASCII.comma) else { return false }
        }
    }

    private mutating func literal(_ text: String) -> Bool {
        guard bytes[position..<end].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    private mutating func number() -> Bool {
        if peek == ASCII.dash { position += 1 }
        guard let first = peek, ASCII.isDigit(first) else { return false }
        position += 1
        if first != UInt8(ascii: "0") { skipDigits() }
        if peek == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() else { return false }
        }
        if let byte = peek, byte | 0x20 == UInt8(ascii: "e") {
            position += 1
            if peek == UInt8(ascii: "+") || peek == ASCII.dash { position += 1 }
            return skipDigits()
        }
        return true
    }

    @discardableResult
    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = peek, ASCII.isDigit(byte) { position += 1 }
        return position > start
    }

    private mutating func string() -> String? {
        guard peek == ASCII.quote else { return nil }
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case ASCII.quote: return text[...].text
            case 0..<0x20: return nil
            case ASCII.backslash:
                guard escaped(into: &text) else { return nil }
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escaped(into text: inout [UInt8]) -> Bool {
        guard let byte = peek else { return false }
        position += 1
        switch byte {
        case ASCII.quote, ASCII.backslash, UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let unit = hexUnit() else { return false }
            text += Array(String(scalar(after: unit)).utf8)
        default: return false
        }
        return true
    }

    /// The character that one or two `\u` units make; half a pair makes none.
    private mutating func scalar(after unit: UInt32) -> Unicode.Scalar {
        if (0xD800..<0xDC00).contains(unit), peek == ASCII.backslash, position + 1 < end,
            bytes[position + 1] == UInt8(ascii: "u")
        {
            let before = position
            position += 2
            if let low = hexUnit(), (0xDC00..<0xE000).contains(low) {
                return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
            }
            position = before
        }
        return Unicode.Scalar(unit) ?? "\u{FFFD}"
    }

    private mutating func hexUnit() -> UInt32? {
        guard position + 4 <= end else { return nil }
        let digits = bytes[position..<(position + 4)]
        guard digits.allSatisfy({ ASCII.isDigit($0) || (ASCII.isLetter($0) && ($0 | 0x20) <= UInt8(ascii: "f")) }),
            let unit = UInt32(digits.text, radix: 16)
        else { return nil }
        position += 4
        return unit
    }
}
