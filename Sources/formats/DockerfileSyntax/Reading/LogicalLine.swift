import Reporting

/// One instruction's lines, joined; comments and continuation characters are gone.
struct LogicalLine: Sendable {
    var text: JoinedText
    /// The lines it was read from, counted from 1.
    var lines: ClosedRange<Int>
    /// The comments directly above it.
    var comments: [Word]
    /// Whether there are empty lines inside it.
    var hasEmptyLine = false
}

/// Joins the lines of a Dockerfile.
struct LogicalLineReader {
    /// No line may be longer; Docker's limit.
    static let maximumLineLength = 65535

    private let lines: SourceLines
    private let escape: UInt8
    private var next = 0

    init(_ lines: SourceLines, escape: UInt8) {
        self.lines = lines
        self.escape = escape
    }

    /// The number of the last line that was read, from 1.
    var lineNumber: Int { next }

    /// The next instruction's text; nil at the end of the file.
    mutating func read() throws(SyntaxError) -> LogicalLine? {
        var comments: [Word] = []
        while let line = try take() {
            let number = next
            let content = line.trimmingLeadingSpace()
            if content.first == ASCII.hash {
                remember(content, of: line, in: &comments, number)
                continue
            }
            let column = content.startIndex - line.startIndex + 1
            let (piece, continues) = cutContinuation(content)
            if !continues, piece.isEmpty {
                comments = []
                continue
            }
            var text = JoinedText()
            text.append(piece, at: SourcePosition(line: number, column: column))
            var logical = LogicalLine(text: text, lines: number...number, comments: comments)
            if continues { try join(&logical) }
            logical.lines = number...next
            return logical
        }
        return nil
    }

    /// The lines up to the one that is only `terminator`; nil if there is none before the end of the file.
    mutating func readBody(until terminator: [UInt8], dropsTabs: Bool) throws(SyntaxError) -> (
        bytes: [UInt8], firstLine: Int
    )? {
        var body: [UInt8] = []
        let firstLine = next + 1
        while let line = try take() {
            let candidate = dropsTabs ? line.drop { $0 == ASCII.tab } : line
            if candidate.elementsEqual(terminator) { return (body, firstLine) }
            body += lines.raw(next - 1)
        }
        return nil
    }

    private mutating func join(_ logical: inout LogicalLine) throws(SyntaxError) {
        while let line = try take() {
            let content = line.trimmingLeadingSpace()
            if content.first == ASCII.hash { continue }
            if content.isEmpty {
                logical.hasEmptyLine = true
                continue
            }
            let (piece, continues) = cutContinuation(line)
            logical.text.append(piece, at: SourcePosition(line: next))
            if !continues { return }
        }
    }

    private mutating func take() throws(SyntaxError) -> ArraySlice<UInt8>? {
        guard next < lines.count else { return nil }
        let line = lines.content(next)
        next += 1
        guard line.count <= Self.maximumLineLength else {
            throw SyntaxError(
                "dockerfile line greater than max allowed size of \(Self.maximumLineLength)",
                hint: "break the line with a \\ at its end, or put the text into a file"
            )
        }
        return line
    }

    private func remember(
        _ content: ArraySlice<UInt8>,
        of line: ArraySlice<UInt8>,
        in comments: inout [Word],
        _ number: Int
    ) {
        let text = content.dropFirst().trimmingSpace()
        guard !text.isEmpty else { return comments = [] }
        let start = SourcePosition(line: number, column: content.startIndex - line.startIndex + 1)
        let end = SourcePosition(line: number, column: line.count + 1)
        comments.append(Word(text.text, range: SourceRange(start: start, end: end)))
    }

    /// The line without its continuation character, and whether it had one.
    private func cutContinuation(_ line: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, Bool) {
        var rest = line
        while let last = rest.last, last == ASCII.space || last == ASCII.tab { rest = rest.dropLast() }
        guard rest.last == escape else { return (line, false) }
        rest = rest.dropLast()
        // An escaped escape character is text.
        return rest.last == escape ? (line, false) : (rest, true)
    }
}
