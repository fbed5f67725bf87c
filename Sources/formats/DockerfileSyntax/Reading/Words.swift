/// Ways to cut the arguments of an instruction into words.
enum Words {
    /// At white space.
    static func separated(_ text: JoinedText, _ range: Range<Int>) -> [Word] {
        text.bytes[range].split(whereSeparator: ASCII.isSpace).map { text.word($0.startIndex..<$0.endIndex) }
    }

    /// At white space outside quotes; quotes and escapes stay, for the expansion to resolve.
    static func quoted(_ text: JoinedText, _ range: Range<Int>, escape: UInt8) -> [Word] {
        let bytes = text.bytes
        var words: [Word] = []
        var position = range.lowerBound
        while position < range.upperBound {
            guard !ASCII.isSpace(bytes[position]) else {
                position += 1
                continue
            }
            let start = position
            var end = position
            var quote: UInt8?
            while position < range.upperBound, quote != nil || !ASCII.isSpace(bytes[position]) {
                let byte = bytes[position]
                position += 1
                if byte == escape, quote != ASCII.apostrophe {
                    // An escape character at the very end is dropped.
                    guard position < range.upperBound else { break }
                    position += 1
                } else if byte == quote {
                    quote = nil
                } else if quote == nil, byte == ASCII.quote || byte == ASCII.apostrophe {
                    quote = byte
                }
                end = position
            }
            if end > start { words.append(text.word(start..<end)) }
        }
        return words
    }
}
