private import Glibc

/// A regular expression as `grep -E` has it.
package struct ExtendedExpression: ~Copyable {
    private var compiled = regex_t()

    /// nil for what is no expression.
    package init?(_ pattern: String) {
        guard regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) == 0 else { return nil }
    }

    deinit {
        var compiled = compiled
        regfree(&compiled)
    }

    /// Whether something in `text` is what the expression says.
    package borrowing func matches(_ text: String) -> Bool {
        withUnsafePointer(to: compiled) { regexec($0, text, 0, nil, 0) == 0 }
    }
}
