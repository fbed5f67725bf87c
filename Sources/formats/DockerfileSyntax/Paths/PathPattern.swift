/// A pattern for names and paths, as tokens: `?`, `*`, `[a-z]`, and what `**` means in ignore files.
struct PathPattern: Hashable, Sendable {
    enum Token: Hashable, Sendable {
        case text(Unicode.Scalar)
        /// One character that is no slash.
        case any
        /// Characters that are no slashes.
        case star
        case oneOf([ClosedRange<UInt32>], negated: Bool)
        /// `**` at the end: everything.
        case everything
        /// `**` before something: any number of directories, none included.
        case directories
        /// `**` in front of plain text: any text at all.
        case anything
    }

    private(set) var tokens: [Token]

    /// Whether nothing but one text matches.
    var isText: Bool {
        tokens.allSatisfy { if case .text = $0 { true } else { false } }
    }

    /// Whether it says `**` somewhere.
    var crossesDirectories: Bool { tokens.contains { [.everything, .directories, .anything].contains($0) } }

    /// Reads a pattern.
    ///
    /// - Parameter crossing: whether `**` means any number of directories; otherwise it is two stars.
    init(_ pattern: String, crossing: Bool) throws(PatternError) {
        var rest = Array(pattern.unicodeScalars)[...]
        var tokens: [Token] = []
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*" where crossing && rest.first == "*":
                rest = rest.dropFirst()
                let slash = rest.first == "/"
                if slash { rest = rest.dropFirst() }
                // In front of plain text alone, `**` stands for any text, even a part of a name.
                let isSuffix = tokens.isEmpty && !slash && !rest.contains { "*?[\\".unicodeScalars.contains($0) }
                tokens.append(rest.isEmpty ? .everything : isSuffix ? .anything : .directories)
            case "*": if tokens.last != .star { tokens.append(.star) }
            case "?": tokens.append(.any)
            case "[": tokens.append(try Self.characterClass(&rest, of: pattern))
            case "\\":
                guard let escaped = rest.popFirst() else { throw PatternError(pattern) }
                tokens.append(.text(escaped))
            default: tokens.append(.text(scalar))
            }
        }
        self.tokens = tokens
    }

    /// A text that stands for itself alone.
    init(text: String) {
        tokens = text.unicodeScalars.map { .text($0) }
    }

    private static func characterClass(_ rest: inout ArraySlice<Unicode.Scalar>, of pattern: String)
        throws(PatternError) -> Token
    {
        let negated = rest.first == "^"
        if negated { rest = rest.dropFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        while true {
            if rest.first == "]", !ranges.isEmpty {
                rest = rest.dropFirst()
                return .oneOf(ranges, negated: negated)
            }
            let low = try member(&rest, of: pattern)
            var high = low
            if rest.first == "-" {
                rest = rest.dropFirst()
                high = try member(&rest, of: pattern)
            }
            // An empty range is allowed and matches nothing; it still counts as an element.
            ranges.append(low <= high ? low...high : UInt32.max...UInt32.max)
        }
    }

    private static func member(_ rest: inout ArraySlice<Unicode.Scalar>, of pattern: String) throws(PatternError)
        -> UInt32
    {
        guard let scalar = rest.popFirst(), scalar != "-", scalar != "]" else { throw PatternError(pattern) }
        guard scalar == "\\" else { return scalar.value }
        guard let escaped = rest.popFirst() else { throw PatternError(pattern) }
        return escaped.value
    }

    /// Whether the whole text matches.
    func matches(_ text: [Unicode.Scalar]) -> Bool { ends(in: text)?[text.count] ?? false }

    /// Whether the path or one of the directories that it is in matches.
    func matchesPathOrParent(_ path: [Unicode.Scalar]) -> Bool {
        guard let ends = ends(in: path) else { return false }
        return ends[path.count] || path.indices.contains { ends[$0] && path[$0] == "/" }
    }

    /// The lengths of the beginnings of `text` that match; nil if none does. Takes at most (length of the pattern) ×
    /// (length of the text) steps.
    private func ends(in text: [Unicode.Scalar]) -> [Bool]? {
        var positions = [Bool](repeating: false, count: text.count + 1)
        positions[0] = true
        for token in tokens {
            positions = Self.advance(positions, by: token, in: text)
            guard positions.contains(true) else { return nil }
        }
        return positions
    }

    /// The places where a match may stand after one more token.
    private static func advance(_ before: [Bool], by token: Token, in text: [Unicode.Scalar]) -> [Bool] {
        var after = [Bool](repeating: false, count: before.count)
        switch token {
        case .text, .any, .oneOf:
            for index in text.indices where before[index] && token.matches(text[index]) { after[index + 1] = true }
        case .star:
            after = before
            for index in text.indices where after[index] && text[index] != "/" { after[index + 1] = true }
        case .everything, .anything:
            guard let first = before.firstIndex(of: true) else { return after }
            for index in first..<before.count { after[index] = true }
        case .directories:
            after = before
            guard let first = before.firstIndex(of: true) else { return after }
            for index in first..<text.count where text[index] == "/" { after[index + 1] = true }
        }
        return after
    }
}

extension PathPattern.Token {
    fileprivate func matches(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .text(let text): text == scalar
        case .any: scalar != "/"
        case .oneOf(let ranges, let negated): ranges.contains { $0.contains(scalar.value) } != negated
        case .star, .everything, .directories, .anything: false
        }
    }
}
