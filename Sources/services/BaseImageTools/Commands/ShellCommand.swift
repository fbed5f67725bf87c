/// A shell form's text, as far as it can be understood without a shell.
enum ShellCommand {
    /// The words of a text that is one simple command, after `exec` and variables; nil where it is more than that.
    ///
    /// `|| exit 1` behind a command, as health checks have it, changes nothing of what it needs.
    static func program(of text: String) -> [String]? {
        var text = text
        if let end = text.firstRange(of: "||") {
            let rest = text[end.upperBound...].split(separator: " ")
            guard rest.first == "exit" && rest.count <= 2 || rest == ["false"] else { return nil }
            text = String(text[..<end.lowerBound])
        }
        let special = "\"'\\$`|&;<>()*?[]{}!#~\n"
        guard !text.contains(where: special.contains) else { return nil }
        var words = text.split { $0 == " " || $0 == "\t" }.map(String.init)[...]
        while let word = words.first, word == "exec" || isAssignment(word) { words.removeFirst() }
        guard let first = words.first, !first.hasPrefix("-") else { return nil }
        return Array(words)
    }

    /// What a shell does itself, so that no file has the name.
    static let builtIn: Set<String> = [
        ".", ":", "[", "alias", "bg", "break", "builtin", "case", "cd", "command", "continue", "declare", "do", "done",
        "echo",
        "elif", "else", "esac", "eval", "exec", "exit", "export", "false", "fg", "fi", "for", "function", "getopts",
        "hash",
        "help", "history", "if", "in", "jobs", "kill", "let", "local", "printf", "pwd", "read", "readonly", "return",
        "select",
        "set", "shift", "shopt", "source", "test", "then", "time", "times", "trap", "true", "type", "typeset", "ulimit",
        "umask", "unalias", "unset", "until", "wait", "while",
    ]

    private static func isAssignment(_ word: String) -> Bool {
        guard let sign = word.firstIndex(of: "="), sign > word.startIndex else { return false }
        return word[..<sign].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }
}
