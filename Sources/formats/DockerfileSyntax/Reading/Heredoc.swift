public import Reporting

/// Text that follows an instruction: `<<EOF`.
public struct Heredoc: Hashable, Sendable {
    /// The name that ends it, and that a file made of it has.
    public var name: String
    /// The number in front of `<<`.
    public var fileDescriptor: UInt32
    /// `<<-`: tabs at the beginning of lines don't count.
    public var dropsTabs: Bool
    /// Whether variables are expanded: the name isn't quoted.
    public var expands: Bool
    /// The lines of the body as they stand in the file.
    public var body: String
    /// From the first line of the body to the line that ends it.
    public var range: SourceRange

    /// The body, without leading tabs where they don't count.
    public var content: String {
        guard dropsTabs else { return body }
        let lines = body.utf8.split(separator: ASCII.newline, omittingEmptySubsequences: false)
        return lines.map { String(decoding: $0.drop { $0 == ASCII.tab }, as: UTF8.self) }.joined(separator: "\n")
    }

    /// What opens a heredoc, without its body; nil if the word doesn't.
    public init?(opening word: String) {
        let text = Array(word.utf8)
        guard let mark = text.firstIndex(where: { !ASCII.isDigit($0) }), mark + 1 < text.count,
            text[mark] == ASCII.less, text[mark + 1] == ASCII.less
        else { return nil }
        var rest = text[(mark + 2)...]
        dropsTabs = rest.first == ASCII.dash
        if dropsTabs { rest = rest.dropFirst() }
        guard !rest.isEmpty, !rest.contains(ASCII.less) else { return nil }
        fileDescriptor = UInt32(text[..<mark].text) ?? 0

        // If taking the quotes away changes the name, it was quoted.
        var expander = WordExpander()
        expander.keepsUnset = true
        guard let plain = try? expander.expand(rest.text, lookup: { _ in nil }), plain.words.count == 1 else {
            return nil
        }
        expander.keepsQuotes = true
        expander.keepsEscapes = true
        guard let raw = try? expander.expand(rest.text, lookup: { _ in nil }), raw.words.count == 1 else { return nil }
        name = plain.words[0]
        expands = plain.words[0] == raw.words[0]
        body = ""
        range = SourceRange(start: SourcePosition(line: 1), end: SourcePosition(line: 1))
        // A name that could never stand alone on a line could never end.
        guard !name.utf8.contains(ASCII.newline), name != "" else { return nil }
    }

    /// The heredocs that a line opens, in order.
    static func openings(in line: String) -> [Heredoc] {
        guard line.contains("<<") else { return [] }
        var expander = WordExpander()
        expander.keepsQuotes = true
        expander.keepsEscapes = true
        expander.keepsUnset = true
        // What the shell could not split opens nothing.
        guard let words = try? expander.expand(line, lookup: { _ in nil }).words else { return [] }
        return words.compactMap { Heredoc(opening: $0) }
    }
}
