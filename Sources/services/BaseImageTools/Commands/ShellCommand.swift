/// A shell form's text, as far as it can be understood without a shell.
enum ShellCommand {
    /// The words of a text that is one simple command, after `exec` and variables; nil where it is more than that.
    static func program(of text: String) -> [String]? {
        let special = "\"'\\$`|&;<>()*?[]{}!#~\n"
        guard !text.contains(where: special.contains) else { return nil }
        var words = text.split { $0 == " " || $0 == "\t" }.map(String.init)[...]
        while let word = words.first, word == "exec" || isAssignment(word) { words.removeFirst() }
        guard let first = words.first, !first.hasPrefix("-") else { return nil }
        return Array(words)
    }

    private static func isAssignment(_ word: String) -> Bool {
        guard let sign = word.firstIndex(of: "="), sign > word.startIndex else { return false }
        return word[..<sign].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }
}
