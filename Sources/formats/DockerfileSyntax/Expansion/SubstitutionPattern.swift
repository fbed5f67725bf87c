/// The pattern of `${x#p}`, `${x%p}` and `${x/p/r}`: `*`, `?` and text.
struct SubstitutionPattern: Sendable {
    private enum Token: Hashable, Sendable {
        case text(Unicode.Scalar), any, star
    }

    /// Matching takes at most this many steps, so that no pattern can keep a build busy.
    static let maximumSteps = 2_000_000

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
        var added = 0
        var position = 0
        var lastEnd = -1
        while position <= text.count {
            if let end = try matchEnd(in: text, from: position, longest: true, &steps),
                end > position || position > lastEnd
            {
                result.append(contentsOf: replacement.unicodeScalars)
                added += replacement.utf8.count
                guard added <= ExpansionRun.maximumLength else {
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
            } else if tokens.first == .star {
                // What a star in front doesn't find here isn't anywhere further on.
                result.append(contentsOf: text[position...])
                return String(result)
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
        // Which tokens may come next; the last place stands for having matched.
        var open = [Bool](repeating: false, count: tokens.count + 1)
        open[0] = true
        var found: Int?
        var position = start
        while true {
            // A star may also match nothing.
            for index in tokens.indices where open[index] && tokens[index] == .star { open[index + 1] = true }
            if open[tokens.count] {
                if !longest { return position }
                found = position
            }
            guard position < text.count, open.dropLast().contains(true) else { return found }
            steps -= open.count
            guard steps > 0 else { throw ExpansionError("the pattern takes too long to match") }
            advance(&open, over: text[position])
            position += 1
        }
    }

    /// What may come after one more character. From the back, so that each place is read before it is written.
    private func advance(_ open: inout [Bool], over scalar: Unicode.Scalar) {
        open[tokens.count] = false
        for index in tokens.indices.reversed() where open[index] {
            switch tokens[index] {
            case .text(let wanted):
                open[index] = false
                if wanted == scalar { open[index + 1] = true }
            case .any:
                open[index] = false
                open[index + 1] = true
            case .star: break
            }
        }
    }
}
