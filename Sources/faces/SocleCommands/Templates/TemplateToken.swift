/// One word of a template.
struct TemplateToken: Hashable {
    enum Kind: Hashable {
        case error, bool, character, characterConstant, assign, declare, end, field, identifier, leftDelimiter
        case leftParenthesis, number, pipe, rawString, rightDelimiter, rightParenthesis, space, string, text, variable
        case dot, keyword
    }

    var kind: Kind
    var text: String
    /// In bytes from the template's start.
    var position: Int
    /// From 1.
    var line: Int

    static let keywords: Set<String> = [
        "block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with",
    ]

    /// As Go's errors show a token.
    var description: String {
        switch kind {
        case .end: return "EOF"
        case .error: return text
        case .dot, .keyword: return "<\(text)>"
        default: return text.utf8.count > 10 ? GoText.quoted(String(text.prefix(10))) + "..." : GoText.quoted(text)
        }
    }
}
