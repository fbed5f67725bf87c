import Reporting

extension InstructionParser {
    /// ARG: names, with or without values.
    func arg() throws(SyntaxError) -> [Assignment] {
        let words = Words.quoted(text, arguments, escape: escape)
        guard !words.isEmpty else { throw needsArguments }
        try noFlags()
        var assignments: [Assignment] = []
        for word in words {
            guard let assignment = Self.split(word) else {
                assignments.append(Assignment(name: word))
                continue
            }
            guard !assignment.name.text.isEmpty else { throw failure("ARG names can not be blank", at: word.range) }
            assignments.append(assignment)
        }
        return assignments
    }

    /// ENV and LABEL: `name=value …`, or a name and the rest of the line.
    func assignments() throws(SyntaxError) -> [Assignment] {
        let words = Words.quoted(text, arguments, escape: escape)
        guard let first = words.first else { throw needsArguments }
        if !first.text.contains("=") {
            let assignment = try legacy()
            try noFlags()
            return [assignment]
        }
        var assignments: [Assignment] = []
        for word in words {
            guard let assignment = Self.split(word) else {
                throw failure(
                    "Syntax error - can't find = in \(word.text.goQuoted). Must be of the form: name=value",
                    at: word.range
                ).plain
            }
            assignments.append(assignment)
        }
        try noFlags()
        for assignment in assignments where assignment.name.text.isEmpty {
            throw failure("\(statement.name) names can not be blank", at: assignment.range)
        }
        return assignments
    }

    private func legacy() throws(SyntaxError) -> Assignment {
        let bytes = text.bytes
        guard let end = bytes[arguments].firstIndex(where: ASCII.isSpace) else {
            throw failure("\(statement.name) must have two arguments").plain
        }
        let value = text.trimmed(end..<arguments.upperBound)
        return Assignment(name: text.word(arguments.lowerBound..<end), value: text.word(value), isLegacy: true)
    }

    /// A word at its first `=`. Its places are right where it stands on one line.
    private static func split(_ word: Word) -> Assignment? {
        let bytes = Array(word.text.utf8)
        guard let equals = bytes.firstIndex(of: ASCII.equals) else { return nil }
        var middle = word.range.start
        middle.column += equals
        if middle.line != word.range.end.line { middle = word.range.end }
        return Assignment(
            name: Word(bytes[..<equals].text, range: SourceRange(start: word.range.start, end: middle)),
            value: Word(bytes[(equals + 1)...].text, range: SourceRange(start: middle, end: word.range.end))
        )
    }
}
