/// One expansion under way.
struct ExpansionRun {
    typealias Lookup = (String) -> String?

    /// A `${…}` may stand in another; nobody needs more.
    static let maximumDepth = 64
    /// No expansion gives more text than this.
    static let maximumLength = 1 << 20

    let rules: WordExpander
    private let source: [Unicode.Scalar]
    private var next = 0
    private var depth = 0
    /// How much text came out, in all depths.
    private var produced = 0
    private(set) var used: Set<String> = []
    private(set) var missing: [String] = []

    init(_ word: String, rules: WordExpander) {
        source = Array(word.unicodeScalars)
        self.rules = rules
    }

    var peek: Unicode.Scalar? { next < source.count ? source[next] : nil }
    var isAtEnd: Bool { next >= source.count }

    mutating func take() -> Unicode.Scalar? {
        guard let scalar = peek else { return nil }
        next += 1
        return scalar
    }

    /// Expands up to the next `stop` outside quotes and substitutions, or to the end.
    mutating func upTo(_ stop: Unicode.Scalar?, keepsEscapes: Bool, lookup: Lookup) throws(ExpansionError)
        -> (text: String, words: [String])
    {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw ExpansionError("substitutions are nested too deeply") }
        var text = String.UnicodeScalarView()
        var words = WordCollector()
        while let scalar = peek {
            if scalar == stop {
                next += 1
                return (String(text), words.all)
            }
            switch scalar {
            case "$":
                let value = try dollar(keepsEscapes: keepsEscapes, lookup: lookup)
                text.append(contentsOf: value.unicodeScalars)
                for scalar in value.unicodeScalars { words.add(scalar) }
            case "'" where !rules.ignoresQuotes, "\"" where !rules.ignoresQuotes:
                let value = scalar == "'" ? try singleQuoted() : try doubleQuoted(keepsEscapes, lookup)
                text.append(contentsOf: value.unicodeScalars)
                words.addRaw(value)
            case rules.escape:
                escaped(keepsEscapes: keepsEscapes, &text, &words)
            default:
                next += 1
                text.append(scalar)
                words.add(scalar)
            }
        }
        if let stop { throw ExpansionError("unexpected end of statement while looking for matching \(stop)") }
        return (String(text), words.all)
    }

    /// The escape character and what follows it. At the end of the text it vanishes.
    private mutating func escaped(
        keepsEscapes: Bool,
        _ text: inout String.UnicodeScalarView,
        _ words: inout WordCollector
    ) {
        next += 1
        let isKept = keepsEscapes || (rules.ignoresQuotes && peek != "$" && peek != rules.escape)
        if isKept {
            text.append(rules.escape)
            words.addRaw(rules.escape)
        }
        guard let scalar = take() else { return }
        text.append(scalar)
        words.addRaw(scalar)
    }

    private mutating func singleQuoted() throws(ExpansionError) -> String {
        next += 1
        var text = String.UnicodeScalarView()
        while let scalar = take() {
            if scalar == "'" { return rules.keepsQuotes ? "'\(String(text))'" : String(text) }
            text.append(scalar)
        }
        throw ExpansionError("unexpected end of statement while looking for matching single-quote")
    }

    private mutating func doubleQuoted(_ keepsEscapes: Bool, _ lookup: Lookup) throws(ExpansionError) -> String {
        next += 1
        var text = String.UnicodeScalarView()
        while let scalar = peek {
            switch scalar {
            case "\"":
                next += 1
                return rules.keepsQuotes ? "\"\(String(text))\"" : String(text)
            case "$":
                text.append(contentsOf: try dollar(keepsEscapes: keepsEscapes, lookup: lookup).unicodeScalars)
            case rules.escape:
                next += 1
                if keepsEscapes { text.append(scalar) }
                guard let following = peek else { continue }
                if following == "\"" || following == "$" || following == rules.escape {
                    next += 1
                    text.append(following)
                } else if !keepsEscapes {
                    text.append(scalar)
                }
            default:
                next += 1
                text.append(scalar)
            }
        }
        throw ExpansionError("unexpected end of statement while looking for matching double-quote")
    }

    /// The value of a variable, with a note of who was asked for; bounded.
    mutating func value(of name: String, _ lookup: Lookup) throws(ExpansionError) -> String? {
        guard let value = lookup(name) else {
            if !missing.contains(name) { missing.append(name) }
            return nil
        }
        used.insert(name)
        produced += value.utf8.count
        guard produced <= Self.maximumLength else {
            throw ExpansionError("the expansion is larger than \(Self.maximumLength) bytes")
        }
        return value
    }

    /// Takes back that `name` is missing: it was asked for with something to use instead.
    mutating func forgive(_ name: String, since before: ExpansionRun) {
        if !before.missing.contains(name) { missing.removeAll { $0 == name } }
    }

    /// A name, or one of the shell's special parameters; empty if there is none.
    mutating func name() -> String {
        var name = String.UnicodeScalarView()
        guard let first = peek else { return "" }
        if first.isDecimalDigit {
            while let scalar = peek, scalar.isDecimalDigit {
                name.append(scalar)
                next += 1
            }
            return String(name)
        }
        if "@*#?-$!".unicodeScalars.contains(first) {
            next += 1
            return String(first)
        }
        while let scalar = peek, scalar == "_" || scalar.isDecimalDigit || scalar.properties.isAlphabetic {
            name.append(scalar)
            next += 1
        }
        return String(name)
    }
}

extension Unicode.Scalar {
    fileprivate var isDecimalDigit: Bool { properties.numericType == .decimal }
}
