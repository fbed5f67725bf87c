extension ExpansionRun {
    /// `$x` or `${x…}`, with the dollar not yet taken.
    mutating func dollar(keepsEscapes: Bool, lookup: Lookup) throws(ExpansionError) -> String {
        _ = take()
        guard peek == "{" else {
            let name = name()
            guard !name.isEmpty else { return "$" }
            guard let value = try value(of: name, lookup) else { return rules.keepsUnset ? "$\(name)" : "" }
            return value
        }
        _ = take()
        switch peek {
        case nil: throw ExpansionError("syntax error: missing '}'")
        case "{", "}", ":": throw ExpansionError("syntax error: bad substitution")
        default: return try braced(lookup)
        }
    }

    private mutating func braced(_ lookup: Lookup) throws(ExpansionError) -> String {
        let name = name()
        guard let sign = take() else { throw ExpansionError("syntax error: missing '}'") }
        switch sign {
        case "}":
            guard let value = try value(of: name, lookup) else { return rules.keepsUnset ? "${\(name)}" : "" }
            return value
        case ":":
            guard let modifier = take() else { throw ExpansionError("syntax error: missing '}'") }
            guard "+-?".unicodeScalars.contains(modifier) else {
                throw ExpansionError.unsupported(":\(modifier)")
            }
            return try choice(name, modifier, emptyIsUnset: true, lookup)
        case "+", "-", "?":
            return try choice(name, sign, emptyIsUnset: false, lookup)
        case "#", "%":
            return try trimmed(name, sign, lookup)
        case "/":
            return try replaced(name, lookup)
        default:
            throw ExpansionError.unsupported("\(sign)")
        }
    }

    /// What stands up to a sign, or the error that says which sign is missing.
    private mutating func operand(
        upTo stop: Unicode.Scalar,
        keepsEscapes: Bool,
        missing: String,
        _ lookup: Lookup
    ) throws(ExpansionError) -> String {
        do {
            return try upTo(stop, keepsEscapes: keepsEscapes, lookup: lookup).text
        } catch {
            throw isAtEnd ? ExpansionError(missing) : error
        }
    }

    /// `${x:-w}`, `${x:+w}`, `${x:?m}` and the forms without a colon.
    private mutating func choice(
        _ name: String,
        _ modifier: Unicode.Scalar,
        emptyIsUnset: Bool,
        _ lookup: Lookup
    ) throws(ExpansionError) -> String {
        // Who gives something to use instead knows that the variable may be missing.
        let before = self
        let word = try operand(upTo: "}", keepsEscapes: false, missing: "syntax error: missing '}'", lookup)
        let value = try value(of: name, lookup)
        if rules.keepsUnset, value == nil {
            return "${\(name)\(emptyIsUnset ? ":" : "")\(modifier)\(word)}"
        }
        let counts = value != nil && !(emptyIsUnset && value == "")
        switch modifier {
        case "-":
            forgive(name, since: before)
            return counts ? value ?? "" : word
        case "+":
            forgive(name, since: before)
            return counts ? word : ""
        default:
            if counts { return value ?? "" }
            let reason = value == nil ? "is not allowed to be unset" : "is not allowed to be empty"
            throw ExpansionError("\(name): \(word.isEmpty ? reason : word)")
        }
    }

    /// `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`.
    private mutating func trimmed(_ name: String, _ sign: Unicode.Scalar, _ lookup: Lookup) throws(ExpansionError)
        -> String
    {
        let isGreedy = peek == sign
        if isGreedy { _ = take() }
        let word = try operand(upTo: "}", keepsEscapes: true, missing: "syntax error: missing '}'", lookup)
        guard let value = try value(of: name, lookup) else {
            let sign = isGreedy ? "\(sign)\(sign)" : "\(sign)"
            return rules.keepsUnset ? "${\(name)\(sign)\(word)}" : ""
        }
        let pattern = try SubstitutionPattern(word)
        return sign == "#"
            ? try pattern.trimmingPrefix(of: value, longest: isGreedy)
            : try pattern.trimmingSuffix(of: value, longest: isGreedy)
    }

    /// `${x/p/r}`, `${x//p/r}`.
    private mutating func replaced(_ name: String, _ lookup: Lookup) throws(ExpansionError) -> String {
        let replacesAll = peek == "/"
        if replacesAll { _ = take() }
        let pattern = try operand(upTo: "/", keepsEscapes: true, missing: "syntax error: missing '/' in ${}", lookup)
        let replacement = try operand(upTo: "}", keepsEscapes: false, missing: "syntax error: missing '}'", lookup)
        guard let value = try value(of: name, lookup) else {
            return rules.keepsUnset ? "${\(name)/\(pattern)/\(replacement)}" : ""
        }
        return try SubstitutionPattern(pattern).replacing(in: value, with: replacement, all: replacesAll)
    }
}
