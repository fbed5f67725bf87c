/// Cuts a template into tokens, as Go's text/template does.
///
/// An error is the last token.
struct TemplateLexer {
    private let bytes: [UInt8]
    private var position = 0
    private var tokens: [TemplateToken] = []
    private var depth = 0
    private var line = 1
    private var lineStart = 0

    static func tokens(of text: String) -> [TemplateToken] {
        var lexer = TemplateLexer(bytes: Array(text.utf8))
        lexer.run()
        return lexer.tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// What a step of lexing left to do.
    private enum Next { case text, action, stop }

    private mutating func run() {
        var next = Next.text
        while next != .stop { next = next == .text ? lexText() : lexAction() }
    }

    // MARK: - Bytes

    private func byte(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private func starts(with text: StaticString, at place: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard place + count <= bytes.count else { return false }
        return bytes[place..<place + count].elementsEqual(text.description.utf8)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...: true
        default: false
        }
    }

    private mutating func emit(_ kind: TemplateToken.Kind, from start: Int) {
        // Lines are counted as tokens are made: each byte is looked at once.
        while lineStart < start {
            if bytes[lineStart] == 10 { line += 1 }
            lineStart += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        tokens.append(TemplateToken(kind: kind, text: text, position: start, line: line))
    }

    private mutating func fail(_ message: String) -> Next {
        emit(.error, from: position)
        tokens[tokens.count - 1].text = message
        return .stop
    }

    /// `U+0040 '@'`.
    private func shown() -> String {
        let character = String(decoding: bytes[position...].prefix(4), as: UTF8.self).unicodeScalars.first ?? "?"
        let digits = GoText.hexadecimal(character.value, 4).uppercased()
        return "U+\(digits) '\(character)'"
    }

    // MARK: - Text

    private mutating func lexText() -> Next {
        let start = position
        while position < bytes.count, !starts(with: "{{", at: position) { position += 1 }
        let delimiter = position
        let trims = starts(with: "{{-", at: delimiter) && byte(3).map(Self.isSpace) == true
        if trims { while position > start, Self.isSpace(bytes[position - 1]) { position -= 1 } }
        if position > start { emit(.text, from: start) }
        position = delimiter
        if position == bytes.count {
            emit(.end, from: position)
            return .stop
        }
        position += trims ? 3 : 2
        let inside = position + (trims ? leadingSpaces() : 0)
        if starts(with: "/*", at: inside) {
            position = inside
            return lexComment()
        }
        emit(.leftDelimiter, from: delimiter)
        depth = 0
        return .action
    }

    private func leadingSpaces() -> Int { bytes[position...].prefix { Self.isSpace($0) }.count }

    private mutating func lexComment() -> Next {
        position += 2
        while position < bytes.count, !starts(with: "*/", at: position) { position += 1 }
        guard position < bytes.count else { return fail("unclosed comment") }
        position += 2
        let spaces = leadingSpaces()
        if spaces > 0, starts(with: "-}}", at: position + spaces) {
            position += spaces + 3
            position += leadingSpaces()
        } else if starts(with: "}}", at: position) {
            position += 2
        } else {
            return fail("comment ends before closing delimiter")
        }
        return .text
    }

    // MARK: - Actions

    private mutating func lexAction() -> Next {
        if let end = endOfAction() { return end }
        guard let first = byte() else { return fail("unclosed action") }
        let start = position
        switch first {
        case _ where Self.isSpace(first):
            while let next = byte(), Self.isSpace(next), !endsHere() { position += 1 }
            emit(.space, from: start)
        case UInt8(ascii: "="): emitSingle(.assign)
        case UInt8(ascii: ":"):
            guard byte(1) == UInt8(ascii: "=") else { return fail("expected :=") }
            position += 2
            emit(.declare, from: start)
        case UInt8(ascii: "|"): emitSingle(.pipe)
        case UInt8(ascii: ","): emitSingle(.character)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return lexQuoted(first)
        case UInt8(ascii: "`"): return lexRaw()
        case UInt8(ascii: "("):
            emitSingle(.leftParenthesis)
            depth += 1
        case UInt8(ascii: ")"):
            emitSingle(.rightParenthesis)
            depth -= 1
            if depth < 0 { return fail("unexpected right paren U+0029 ')'") }
        case UInt8(ascii: "$"): return lexName(.variable)
        case UInt8(ascii: "."):
            if let next = byte(1), (48...57).contains(next) { return lexNumber() }
            return lexName(.field)
        case UInt8(ascii: "+"), UInt8(ascii: "-"), 48...57: return lexNumber()
        case _ where Self.isAlphanumeric(first): return lexName(.identifier)
        default: return fail("unrecognized character in action: \(shown())")
        }
        return .action
    }

    private mutating func emitSingle(_ kind: TemplateToken.Kind) {
        position += 1
        emit(kind, from: position - 1)
    }

    /// Whether the action's end, with its trim marker, is here.
    private func endsHere() -> Bool { starts(with: " -}}", at: position) || starts(with: "\n-}}", at: position) }

    private mutating func endOfAction() -> Next? {
        let trims = byte().map(Self.isSpace) == true && starts(with: "-}}", at: position + 1)
        guard trims || starts(with: "}}", at: position) else { return nil }
        if depth > 0 { return fail("unclosed left paren") }
        if trims { position += 2 }
        position += 2
        emit(.rightDelimiter, from: position - 2)
        if trims { position += leadingSpaces() }
        return .text
    }

    private mutating func lexQuoted(_ quote: UInt8) -> Next {
        let start = position
        let isString = quote == UInt8(ascii: "\"")
        position += 1
        while let next = byte(), next != quote, next != 10 {
            position += next == UInt8(ascii: "\\") && byte(1) != nil && byte(1) != 10 ? 2 : 1
        }
        guard byte() == quote else {
            return fail(isString ? "unterminated quoted string" : "unterminated character constant")
        }
        position += 1
        emit(isString ? .string : .characterConstant, from: start)
        return .action
    }

    private mutating func lexRaw() -> Next {
        let start = position
        position += 1
        while let next = byte(), next != UInt8(ascii: "`") { position += 1 }
        guard byte() != nil else { return fail("unterminated raw quoted string") }
        position += 1
        emit(.rawString, from: start)
        return .action
    }

    private mutating func lexNumber() -> Next {
        let start = position
        if byte() == UInt8(ascii: "+") || byte() == UInt8(ascii: "-") { position += 1 }
        while let next = byte(), Self.isAlphanumeric(next) || next == UInt8(ascii: ".") || isExponentSign(start) {
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard TemplateNumber(text) != nil else { return fail("bad number syntax: \(GoText.quoted(text))") }
        emit(.number, from: start)
        return .action
    }

    private func isExponentSign(_ start: Int) -> Bool {
        guard let sign = byte(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), position > start else {
            return false
        }
        let isHexadecimal = bytes[start...].prefix(3).contains { $0 | 0x20 == UInt8(ascii: "x") }
        return !isHexadecimal && bytes[position - 1] | 0x20 == UInt8(ascii: "e")
    }

    /// A field, a variable, or a word.
    private mutating func lexName(_ kind: TemplateToken.Kind) -> Next {
        let start = position
        if kind != .identifier { position += 1 }
        while let next = byte(), Self.isAlphanumeric(next) { position += 1 }
        if kind == .field, position == start + 1 {
            emit(.dot, from: start)
            return .action
        }
        guard atTerminator() else { return fail("bad character \(shown())") }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        switch word {
        case "true" where kind == .identifier, "false" where kind == .identifier: emit(.bool, from: start)
        case _ where kind == .identifier && TemplateToken.keywords.contains(word): emit(.keyword, from: start)
        default: emit(kind, from: start)
        }
        return .action
    }

    private func atTerminator() -> Bool {
        guard let next = byte() else { return true }
        return Self.isSpace(next) || ".,|:()".utf8.contains(next) || starts(with: "}}", at: position)
    }
}
