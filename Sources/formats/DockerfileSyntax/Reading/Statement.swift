import Reporting

/// One instruction's text cut into its keyword, its flags and the rest.
struct Statement: Sendable {
    var keyword: Word
    /// `--name=value` words in front of the arguments, with quotes taken away.
    var flags: [Word]
    var text: JoinedText
    /// Where the statement begins in the text; not 0 for the trigger of an ONBUILD.
    var start: Int
    /// The arguments, without white space around them.
    var arguments: Range<Int>
    var lines: ClosedRange<Int>
    var comments: [Word]
    var heredocs: [Heredoc] = []

    /// The text as it was written, from the keyword on.
    var original: String { text.bytes[text.trimmed(start..<text.bytes.count)].text }

    /// From the first to the last line, without the bodies of heredocs.
    var range: SourceRange { text.range(of: text.trimmed(start..<text.bytes.count)) }

    var argumentText: String { text.bytes[arguments].text }
    var argumentWord: Word { text.word(arguments) }
    var name: String { keyword.text.uppercased() }

    init(_ line: LogicalLine) {
        self.init(line.text, from: 0, lines: line.lines, comments: line.comments)
    }

    /// The statement that the arguments of an ONBUILD are.
    var trigger: Statement {
        Statement(text, from: arguments.lowerBound, lines: lines, comments: [])
    }

    private init(_ text: JoinedText, from start: Int, lines: ClosedRange<Int>, comments: [Word]) {
        self.text = text
        self.start = start
        self.lines = lines
        self.comments = comments
        let all = text.trimmed(start..<text.bytes.count)
        let end = text.bytes[all].firstIndex(where: ASCII.isSpace) ?? all.upperBound
        keyword = text.word(all.lowerBound..<end)
        let (flags, rest) = Self.flags(in: text, end..<all.upperBound)
        self.flags = flags
        arguments = text.trimmed(rest)
    }

    /// Whether text may follow the instruction on lines of its own.
    var takesHeredocs: Bool {
        switch name {
        case "RUN", "COPY", "ADD":
            if case .array = JSONWords.read(text, arguments) { return false }
            return true
        case "ONBUILD": return trigger.name != "ONBUILD" && trigger.takesHeredocs
        default: return false
        }
    }

    /// The words that begin with `--`, and where the rest begins. A bare `--` ends them.
    private static func flags(in text: JoinedText, _ range: Range<Int>) -> ([Word], Range<Int>) {
        let bytes = text.bytes
        var flags: [Word] = []
        var position = range.lowerBound
        while true {
            while position < range.upperBound, ASCII.isSpace(bytes[position]) { position += 1 }
            guard position + 1 < range.upperBound, bytes[position] == ASCII.dash, bytes[position + 1] == ASCII.dash
            else {
                return (flags, position..<range.upperBound)
            }
            let start = position
            let word = flagWord(bytes, &position, end: range.upperBound)
            if word == [ASCII.dash, ASCII.dash] { return (flags, position..<range.upperBound) }
            flags.append(Word(word[...].text, range: text.range(of: start..<position)))
        }
    }

    /// One word with its quotes and escapes resolved; the escape character is always a backslash here.
    private static func flagWord(_ bytes: [UInt8], _ position: inout Int, end: Int) -> [UInt8] {
        var word: [UInt8] = []
        var quote: UInt8?
        while position < end {
            let byte = bytes[position]
            if quote == nil, ASCII.isSpace(byte) { break }
            position += 1
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == ASCII.quote || byte == ASCII.apostrophe {
                quote = byte
            } else if byte == ASCII.backslash {
                guard position < end else { break }
                word.append(bytes[position])
                position += 1
            } else {
                word.append(byte)
            }
        }
        return word
    }
}
