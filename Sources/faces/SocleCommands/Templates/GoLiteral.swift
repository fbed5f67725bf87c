/// Go's string and character literals.
enum GoLiteral {
    /// The text of a literal with its quotes; nil when an escape is wrong.
    static func unquoted(_ literal: String) -> String? {
        guard let quote = literal.utf8.first, literal.utf8.count >= 2 else { return nil }
        let body = Array(literal.utf8.dropFirst().dropLast())
        if quote == UInt8(ascii: "`") { return String(decoding: body.filter { $0 != 13 }, as: UTF8.self) }
        var result: [UInt8] = []
        var rest = body[...]
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "\\") {
                result.append(byte)
            } else if let escape = rest.popFirst() {
                guard let bytes = value(of: escape, &rest, quote) else { return nil }
                result += bytes
            } else {
                return nil
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func value(of escape: UInt8, _ rest: inout ArraySlice<UInt8>, _ quote: UInt8) -> [UInt8]? {
        switch escape {
        case UInt8(ascii: "a"): [7]
        case UInt8(ascii: "b"): [8]
        case UInt8(ascii: "f"): [12]
        case UInt8(ascii: "n"): [10]
        case UInt8(ascii: "r"): [13]
        case UInt8(ascii: "t"): [9]
        case UInt8(ascii: "v"): [11]
        case UInt8(ascii: "\\"), quote: [escape]
        case UInt8(ascii: "x"): number(&rest, 2, radix: 16).flatMap { UInt8(exactly: $0) }.map { [$0] }
        case UInt8(ascii: "u"): number(&rest, 4, radix: 16).flatMap(scalar)
        case UInt8(ascii: "U"): number(&rest, 8, radix: 16).flatMap(scalar)
        case UInt8(ascii: "0")...UInt8(ascii: "7"): octal(escape, &rest)
        default: nil
        }
    }

    private static func octal(_ first: UInt8, _ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        rest.insert(first, at: rest.startIndex)
        return number(&rest, 3, radix: 8).flatMap { UInt8(exactly: $0) }.map { [$0] }
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, _ count: Int, radix: Int) -> UInt32? {
        guard rest.count >= count else { return nil }
        defer { rest.removeFirst(count) }
        return UInt32(String(decoding: rest.prefix(count), as: UTF8.self), radix: radix)
    }

    private static func scalar(_ value: UInt32) -> [UInt8]? { Unicode.Scalar(value).map { Array(String($0).utf8) } }
}
