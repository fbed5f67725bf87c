/// The flags that one instruction has, and what was given.
struct FlagSet {
    enum Kind { case boolean, string, list }

    private let known: [String: Kind]
    private var values: [String: [Word]] = [:]

    init(_ statement: Statement, _ known: [String: Kind]) throws(SyntaxError) {
        self.known = known
        for flag in statement.flags { try add(flag) }
    }

    private mutating func add(_ flag: Word) throws(SyntaxError) {
        let text = flag.text
        let equals = text.firstIndex(of: "=")
        let written = String(text[..<(equals ?? text.endIndex)])
        let name = String(written.dropFirst(2))
        guard let kind = known[name] else {
            throw .suggesting("unknown flag: \(written)", name, among: known.keys.sorted(), at: flag.range)
        }
        guard kind == .list || values[name] == nil else {
            throw SyntaxError("duplicate flag specified: \(written)", at: flag.range)
        }
        let value = equals.map { String(text[text.index(after: $0)...]) }
        if kind == .boolean {
            guard value != "" else { throw SyntaxError("missing a value on flag: \(written)", at: flag.range) }
            let lower = value?.lowercased() ?? "true"
            guard lower == "true" || lower == "false" else {
                throw SyntaxError("expecting boolean value for flag \(written), not: \(value ?? "")", at: flag.range)
            }
            values[name] = [Word(lower, range: flag.range)]
        } else {
            guard let value else { throw SyntaxError("missing a value on flag: \(written)", at: flag.range) }
            values[name, default: []].append(Word(value, range: flag.range))
        }
    }

    /// The value of a flag; an empty one counts as not given.
    subscript(_ name: String) -> Word? {
        values[name]?.last.flatMap { $0.text.isEmpty ? nil : $0 }
    }

    func list(_ name: String) -> [Word] { values[name] ?? [] }

    func boolean(_ name: String) -> Bool? { values[name]?.last.map { $0.text == "true" } }
}
