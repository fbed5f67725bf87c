public import Reporting

/// Replaces variables and takes quotes away, as a shell would.
///
/// Knows the operators of `${…}`; where variables come from is the caller's. What comes out is bounded, whatever goes in.
public struct WordExpander: Sendable {
    /// The character that takes the meaning from the next one.
    public var escape: Unicode.Scalar
    /// Quotes stay where they are, though they still quote.
    public var keepsQuotes = false
    /// Escape characters stay where they are, though they still escape.
    public var keepsEscapes = false
    /// Quotes are text like any other.
    public var ignoresQuotes = false
    /// The text of variables that aren't set stays as it is.
    public var keepsUnset = false

    public init(escape: Unicode.Scalar = "\\") {
        self.escape = escape
    }

    /// The expander for the body of a heredoc: quotes are text, and an escape character counts before `$` and itself.
    public static func body(escape: Unicode.Scalar = "\\") -> WordExpander {
        var expander = WordExpander(escape: escape)
        expander.ignoresQuotes = true
        return expander
    }

    /// What an expansion gave.
    public struct Expansion: Hashable, Sendable {
        /// The text as one word.
        public var text: String
        /// The text as words: what came out of variables without quotes is split at white space.
        public var words: [String]
        /// The variables that were set.
        public var used: Set<String>
        /// The variables that weren't, in order.
        public var missing: [String]
    }

    /// Expands `word` with the variables that `lookup` knows.
    public func expand(_ word: String, lookup: (String) -> String?) throws(ExpansionError) -> Expansion {
        var run = ExpansionRun(word, rules: self)
        do {
            let (text, words) = try run.upTo(nil, keepsEscapes: keepsEscapes, lookup: lookup)
            return Expansion(text: text, words: words, used: run.used, missing: run.missing)
        } catch {
            throw ExpansionError("failed to process \(word.goQuoted): \(error.description)", hint: error.hint)
        }
    }
}

/// Why a word can't be expanded.
public struct ExpansionError: Failure, Hashable {
    public var description: String
    public var hint: String?
    public var kind: FailureKind { .invalidArgument }

    init(_ description: String, hint: String? = nil) {
        self.description = description
        self.hint = hint
    }

    /// An operator that isn't one.
    static func unsupported(_ modifier: String) -> ExpansionError {
        ExpansionError(
            "unsupported modifier (\(modifier)) in substitution",
            hint: "the operators are ${x:-word} ${x-word} ${x:+word} ${x+word} ${x:?word} ${x?word} ${x#pattern} "
                + "${x##pattern} ${x%pattern} ${x%%pattern} ${x/pattern/word} ${x//pattern/word}"
        )
    }
}

/// The words found so far in an expansion.
struct WordCollector {
    private var word = String.UnicodeScalarView()
    private var words: [String] = []
    private var isInWord = false

    /// Text in which white space separates words.
    mutating func add(_ scalar: Unicode.Scalar) {
        guard scalar.properties.isWhitespace else { return addRaw(scalar) }
        guard isInWord, !word.isEmpty else { return }
        words.append(String(word))
        word = String.UnicodeScalarView()
        isInWord = false
    }

    /// Text that is part of the word whatever it is.
    mutating func addRaw(_ scalar: Unicode.Scalar) {
        word.append(scalar)
        isInWord = true
    }

    mutating func addRaw(_ text: String) {
        word.append(contentsOf: text.unicodeScalars)
        isInWord = true
    }

    var all: [String] { word.isEmpty ? words : words + [String(word)] }
}

extension String {
    /// In double quotes with Go's escapes, as messages show words.
    public var goQuoted: String {
        var quoted = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + (digits.count == 1 ? "0" : "") + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
