/// The pattern of `${x#p}`, `${x%p}` and `${x/p/r}`: `*`, `?` and text.
struct SubstitutionPattern: Sendable {
    private enum Token: Hashable, Sendable {
        case text(Unicode.Scalar), any, star
    }

    /// Matching takes at most this many steps, so that no pattern can keep a build busy.
    static let maximumSteps = 5_000_000

    private let tokens: [Token]

    init(_ pattern: String) throws(ExpansionError) {
        var tokens: [Token] = []
        var rest = pattern.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if tokens.last != .star { tokens.append(.star) }
            case "?": tokens.append(.any)
            case "\\":
                guard let escaped = rest.popFirst() else { continue }
                guard "}/*?\\".unicodeScalars.contains(escaped) else {
                    throw ExpansionError("invalid pattern (\(pattern)) in substitution: invalid escape '\\\(escaped)'")
                }
                tokens.append(.text(escaped))
            default: tokens.append(.text(scalar))
            }
        }
        self.tokens = tokens
    }

    private init(tokens: [Token]) {
        self.tokens = tokens
    }

    func trimmingPrefix(of value: String, longest: Bool) throws(ExpansionError) -> String {
        let text = Array(value.unicodeScalars)
        var steps = Self.maximumSteps
        guard let end = try matchEnd(in: text, from: 0, longest: longest, &steps) else { return value }
        return Self.string(text[end...])
    }

    func trimmingSuffix(of value: String, longest: Bool) throws(ExpansionError) -> String {
        let text = Array(value.unicodeScalars.reversed())
        var steps = Self.maximumSteps
        let reversed = SubstitutionPattern(tokens: tokens.reversed())
        guard let end = try reversed.matchEnd(in: text, from: 0, longest: longest, &steps) else { return value }
        return Self.string(text[end...].reversed())
    }

    func replacing(in value: String, with replacement: String, all: Bool) throws(ExpansionError) -> String {
        let text = Array(value.unicodeScalars)
        var steps = Self.maximumSteps
        var result = String.UnicodeScalarView()
        var position = 0
        var lastEnd = -1
        while position <= text.count {
            if let end = try matchEnd(in: text, from: position, longest: true, &steps), end > position || position > lastEnd {
                result.append(contentsOf: replacement.unicodeScalars)
                guard result.count <= ExpansionRun.maximumLength else {
                    throw ExpansionError("the expansion is larger than \(ExpansionRun.maximumLength) bytes")
                }
                if !all {
                    result.append(contentsOf: text[end...])
                    return String(result)
                }
                lastEnd = end
                if end > position {
                    position = end
                    continue
                }
            }
            if position < text.count { result.append(text[position]) }
            position += 1
        }
        return String(result)
    }

    private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// Where the shortest or longest match that begins at `start` ends.
    private func matchEnd(in text: [Unicode.Scalar], from start: Int, longest: Bool, _ steps: inout Int)
        throws(ExpansionError) -> Int?
    {
        var states: Set<Int> = closure([0])
        var found: Int?
        var position = start
        while true {
            if states.contains(tokens.count) {
                if !longest { return position }
                found = position
            }
            guard position < text.count, !states.isEmpty else { return found }
            steps -= states.count
            guard steps > 0 else { throw ExpansionError("the pattern takes too long to match") }
            var following: Set<Int> = []
            for state in states where state < tokens.count {
                switch tokens[state] {
                case .text(let scalar): if scalar == text[position] { following.insert(state + 1) }
                case .any: following.insert(state + 1)
                case .star: following.insert(state)
                }
            }
            states = closure(following)
            position += 1
        }
    }

    /// A star may also match nothing.
    private func closure(_ states: Set<Int>) -> Set<Int> {
        var all = states
        for state in states {
            var next = state
            while next < tokens.count, tokens[next] == .star {
                next += 1
                all.insert(next)
            }
        }
        return all
    }
}
