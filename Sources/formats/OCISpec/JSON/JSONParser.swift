extension JSONValue {
    /// Reads one JSON value and nothing after it but white space. Strict (RFC 8259), keeps the order of keys, refuses
    /// invalid UTF-8 and what is beyond the limits.
    ///
    /// - Parameter allowsRepeatedKeys: whether the last of two equal keys counts, as in Go; otherwise they are refused.
    public init(
        parsing bytes: [UInt8],
        limit: Int = JSON.defaultLimit,
        maximumDepth: Int = JSON.maximumDepth,
        allowsRepeatedKeys: Bool = false
    ) throws(JSONError) {
        guard bytes.count <= limit else {
            throw JSONError("document has \(bytes.count) bytes, more than the limit of \(limit)")
        }
        var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth, allowsRepeatedKeys: allowsRepeatedKeys)
        self = try parser.document()
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    let maximumDepth: Int
    let allowsRepeatedKeys: Bool
    var position = 0

    init(bytes: [UInt8], maximumDepth: Int, allowsRepeatedKeys: Bool) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        self.allowsRepeatedKeys = allowsRepeatedKeys
    }

    mutating func document() throws(JSONError) -> JSONValue {
        let result = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw unexpected("the end") }
        return result
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func unexpected(_ wanted: String) -> JSONError {
        JSONError(current == nil ? "ends where \(wanted) was expected" : "\(wanted) was expected", offset: position)
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: text.utf8) else { throw unexpected("a value") }
        position += text.utf8.count
        return value
    }

    private func requireDepth(_ depth: Int) throws(JSONError) {
        if depth > maximumDepth { throw JSONError("nested deeper than \(maximumDepth) levels", offset: position) }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try requireDepth(depth)
        position += 1
        skipSpace()
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw unexpected("\",\" or \"]\"") }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try requireDepth(depth)
        position += 1
        skipSpace()
        var members: [JSONObject.Member] = []
        var seen = JSONKeySet()
        if take(UInt8(ascii: "}")) { return JSONObject() }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw unexpected("a key") }
            let start = position
            let key = try string()
            let previous = seen.place(of: key, among: members)
            if previous != nil, !allowsRepeatedKeys {
                throw JSONError("key \"\(key.prefix(100))\" comes twice", offset: start)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw unexpected("\":\"") }
            let value = try value(depth: depth)
            if let previous { members[previous].value = value } else { members.append(.init(key, value)) }
            skipSpace()
            if take(UInt8(ascii: "}")) { return JSONObject(unique: members) }
            guard take(UInt8(ascii: ",")) else { throw unexpected("\",\" or \"}\"") }
        }
    }
}

/// The keys of an object that is being read. A few are looked through one by one; more are put into a table.
private struct JSONKeySet {
    private static let few = 16
    private var table: [String: Int] = [:]

    /// Where the key is among the members so far; nil where it is new, and will be the next.
    mutating func place(of key: String, among members: [JSONObject.Member]) -> Int? {
        if members.count < Self.few { return members.firstIndex { $0.key == key } }
        if table.isEmpty { for (place, member) in members.enumerated() { table[member.key] = place } }
        if let place = table[key] { return place }
        table[key] = members.count
        return nil
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        // Most have nothing that has to be read letter by letter.
        var text: [UInt8] = []
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        text.append(contentsOf: bytes[start + 1..<position])
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let valid = String(validating: text, as: UTF8.self) else {
                    throw JSONError("string is not valid UTF-8", offset: start)
                }
                return valid
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw JSONError("control character in a string", offset: position - 1)
            default: text.append(byte)
            }
        }
        throw JSONError("string has no end", offset: start)
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = current else { throw unexpected("an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(Character(try unicodeEscape())).utf8)
        default: throw JSONError("unknown escape in a string", offset: position - 1)
        }
    }

    /// One scalar from one or two escapes; half of a pair becomes the replacement character, as in Go.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try hexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, bytes[position...].starts(with: [0x5c, 0x75]) else { return "\u{fffd}" }
        let mark = position
        position += 2
        let second = try hexDigits()
        guard (0xdc00..<0xe000).contains(second) else {
            position = mark
            return "\u{fffd}"
        }
        return Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)) ?? "\u{fffd}"
    }

    private mutating func hexDigits() throws(JSONError) -> UInt32 {
        guard bytes.count - position >= 4, bytes[position..<position + 4].allSatisfy(ReferenceGrammar.isHex),
            let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw unexpected("four hexadecimal digits") }
        position += 4
        return value
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits("a value") }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try digits("a digit")
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits("a digit")
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, text != "-0" {
            if let value = Int64(text) { return .integer(value) }
            if let value = UInt64(text) { return .unsigned(value) }
        }
        guard let value = Double(text), value.isFinite else { throw JSONError("number is too large", offset: start) }
        return .number(value)
    }

    private mutating func digits(_ wanted: String) throws(JSONError) {
        guard let byte = current, ReferenceGrammar.isDigit(byte) else { throw unexpected(wanted) }
        while let byte = current, ReferenceGrammar.isDigit(byte) { position += 1 }
    }
}
