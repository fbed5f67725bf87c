/// The bytes that the language knows by name.
enum ASCII {
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let hash = UInt8(ascii: "#")
    static let backslash = UInt8(ascii: "\\")
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let equals = UInt8(ascii: "=")
    static let dash = UInt8(ascii: "-")
    static let bracket = UInt8(ascii: "[")
    static let comma = UInt8(ascii: ",")
    static let less = UInt8(ascii: "<")

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == space || (byte >= tab && byte <= carriageReturn)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
    }
}

extension ArraySlice<UInt8> {
    func trimmingLeadingSpace() -> ArraySlice<UInt8> { drop(while: ASCII.isSpace) }

    func trimmingSpace() -> ArraySlice<UInt8> {
        var rest = trimmingLeadingSpace()
        while let last = rest.last, ASCII.isSpace(last) { rest = rest.dropLast() }
        return rest
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}

extension String {
    /// Without ASCII white space at both ends.
    var trimmed: String { Array(utf8)[...].trimmingSpace().text }
}
