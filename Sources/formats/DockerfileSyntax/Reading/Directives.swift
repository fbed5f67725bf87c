import Reporting

/// What the comments at the top of a Dockerfile set.
public struct Directives: Hashable, Sendable {
    /// The image of the frontend that the file asks for; nothing depends on it here.
    public var syntax: Word?
    /// The character that escapes and continues lines.
    public var escape: Unicode.Scalar = "\\"
    /// Settings of the checks, as written.
    public var check: Word?

    var escapeByte: UInt8 { escape == "`" ? UInt8(ascii: "`") : ASCII.backslash }

    public init() {}

    /// Reads the directives of a file and collects what is wrong with them.
    init(of lines: SourceLines, errors: inout [SyntaxError]) {
        var seen: Set<String> = []
        for index in 0..<lines.count {
            guard let (name, value) = Self.directive(lines.content(index), line: index + 1) else {
                if index == 0 { syntax = Self.syntaxBehindShebang(lines) }
                return
            }
            guard seen.insert(name).inserted else {
                errors.append(SyntaxError("only one \(name) parser directive can be used", at: value.range))
                continue
            }
            switch name {
            case "syntax": syntax = value
            case "check": check = value
            default:
                if value.text == "`" || value.text == "\\" {
                    escape = value.text == "`" ? "`" : "\\"
                } else {
                    errors.append(
                        SyntaxError("invalid escape token '\(value.text)' does not match ` or \\", at: value.range)
                    )
                }
            }
        }
    }

    /// A file that is run as a program says in its second line which frontend reads it.
    private static func syntaxBehindShebang(_ lines: SourceLines) -> Word? {
        guard lines.count > 1, lines.content(0).starts(with: "#!".utf8),
            let (name, value) = directive(lines.content(1), line: 2), name == "syntax"
        else { return nil }
        return value
    }

    /// `# name = value` with a known name.
    private static func directive(_ line: ArraySlice<UInt8>, line number: Int) -> (String, Word)? {
        let content = line.trimmingLeadingSpace()
        guard content.first == ASCII.hash, let equals = content.firstIndex(of: ASCII.equals) else { return nil }
        let name = content[(content.startIndex + 1)..<equals].trimmingSpace().text.lowercased()
        let value = content[(equals + 1)...].trimmingSpace()
        guard ["syntax", "escape", "check"].contains(name), !value.isEmpty else { return nil }
        let start = SourcePosition(line: number, column: value.startIndex - line.startIndex + 1)
        let end = SourcePosition(line: number, column: value.endIndex - line.startIndex + 1)
        return (name, Word(value.text, range: SourceRange(start: start, end: end)))
    }
}
