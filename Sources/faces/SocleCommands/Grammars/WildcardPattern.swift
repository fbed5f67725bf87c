/// A pattern of Go's `path.Match`: `*` and `?` don't cross slashes, `[a-z]` is a set.
struct WildcardPattern: Sendable {
    private let pattern: [Character]

    init(_ pattern: String) { self.pattern = Array(pattern) }

    /// Whether all its sets have an end, and what is escaped is there.
    var isValid: Bool {
        var rest = pattern[...]
        while let first = rest.popFirst() {
            if first == "\\", rest.popFirst() == nil { return false }
            guard first == "[" else { continue }
            if rest.first == "^" { rest.removeFirst() }
            // An end right after the beginning is no end.
            guard let end = rest.dropFirst().firstIndex(of: "]") else { return false }
            rest = rest[(end + 1)...]
        }
        return true
    }

    /// Whether all of `text` fits.
    func matches(_ text: String) -> Bool { Self.matches(pattern[...], Array(text)[...]) }

    private static func matches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        var pattern = pattern
        var text = text
        // Where to go on when what follows the last star doesn't fit: one character further.
        var retry: (pattern: ArraySlice<Character>, text: ArraySlice<Character>)?
        while !text.isEmpty || !pattern.isEmpty {
            if pattern.first == "*" {
                pattern.removeFirst()
                retry = (pattern, text)
            } else if let first = text.first, let rest = step(pattern, first) {
                pattern = rest
                text.removeFirst()
            } else if let (after, from) = retry, let skipped = from.first, skipped != "/" {
                retry = (after, from.dropFirst())
                (pattern, text) = (after, from.dropFirst())
            } else {
                return false
            }
        }
        return true
    }

    /// The pattern after its first piece, if that fits the character.
    private static func step(_ pattern: ArraySlice<Character>, _ character: Character) -> ArraySlice<Character>? {
        guard let first = pattern.first else { return nil }
        switch first {
        case "?": return character == "/" ? nil : pattern.dropFirst()
        case "\\": return pattern.dropFirst().first == character ? pattern.dropFirst(2) : nil
        case "[":
            guard let end = pattern.dropFirst(2).firstIndex(of: "]"), character != "/" else { return nil }
            var set = pattern[(pattern.startIndex + 1)..<end]
            let isNegated = set.first == "^"
            if isNegated { set.removeFirst() }
            var isMember = false
            while let low = set.popFirst() {
                if set.first == "-", let high = set.dropFirst().first {
                    set.removeFirst(2)
                    isMember = isMember || (low <= character && character <= high)
                } else {
                    isMember = isMember || low == character
                }
            }
            return isMember != isNegated ? pattern[(end + 1)...] : nil
        default: return first == character ? pattern.dropFirst() : nil
        }
    }
}
