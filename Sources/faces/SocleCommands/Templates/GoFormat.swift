import OCISpec

/// Go's `fmt`: print, println and printf with the verbs that templates use.
enum GoFormat {
    /// Spaces only between neighbours that are no strings.
    static func print(_ values: [TemplateValue]) -> String {
        var text = ""
        for (index, value) in values.enumerated() {
            if index > 0, value.string == nil, values[index - 1].string == nil { text += " " }
            text += shown(value)
        }
        return text
    }

    static func println(_ values: [TemplateValue]) -> String {
        values.map(shown).joined(separator: " ") + "\n"
    }

    /// A value that is missing prints as nil inside a function.
    static func shown(_ value: TemplateValue) -> String { value == .missing ? "<nil>" : value.printed }

    /// printf.
    static func format(_ format: String, _ values: [TemplateValue]) -> String {
        var state = FormatState(format: Array(format.unicodeScalars), values: values)
        return state.run()
    }
}

/// One directive's flags, width and precision.
struct FormatDirective {
    var minus = false
    var plus = false
    var sharp = false
    var space = false
    var zero = false
    var width: Int?
    var precision: Int?

    /// `text` widened, by spaces or by zeros after its sign.
    func padded(_ text: String, zeros: Bool = false) -> String {
        let missing = (width ?? 0) - text.unicodeScalars.count
        if missing <= 0 { return text }
        if minus { return text + String(repeating: " ", count: missing) }
        guard zero, zeros else { return String(repeating: " ", count: missing) + text }
        let sign = text.prefix { $0 == "-" || $0 == "+" || $0 == " " }
        return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }
}

/// A printf at work.
struct FormatState {
    let format: [Unicode.Scalar]
    let values: [TemplateValue]
    private var place = 0
    private var argument = 0
    private var reordered = false
    private var output = ""

    init(format: [Unicode.Scalar], values: [TemplateValue]) {
        self.format = format
        self.values = values
    }

    /// A width that a template asks for: Go's limit.
    private static let maximumNumber = 1_000_000

    mutating func run() -> String {
        while place < format.count {
            let scalar = format[place]
            place += 1
            if scalar == "%" { directive() } else { output.unicodeScalars.append(scalar) }
        }
        if !reordered, argument < values.count {
            let extra = values[argument...].map {
                if case .json(.null, _) = $0 { "<nil>" } else { "\($0.typeName)=\(GoFormat.shown($0))" }
            }
            output += "%!(EXTRA " + extra.joined(separator: ", ") + ")"
        }
        return output
    }

    private mutating func directive() {
        var directive = FormatDirective()
        flags: while place < format.count {
            switch format[place] {
            case "-": directive.minus = true
            case "+": directive.plus = true
            case "#": directive.sharp = true
            case " ": directive.space = true
            case "0": directive.zero = true
            default: break flags
            }
            place += 1
        }
        argumentNumber()
        directive.width = count()
        if let width = directive.width, width < 0 {
            directive.minus = true
            directive.width = -width
        }
        if place < format.count, format[place] == "." {
            place += 1
            argumentNumber()
            directive.precision = count() ?? 0
        }
        argumentNumber()
        guard place < format.count else {
            output += "%!(NOVERB)"
            return
        }
        let verb = format[place]
        place += 1
        if verb == "%" {
            output += "%"
        } else if argument >= values.count || argument < 0 {
            output += "%!\(verb)(\(reordered ? "BADINDEX" : "MISSING"))"
        } else {
            output += FormatVerb(verb: verb, directive: directive).text(values[argument])
            argument += 1
        }
    }

    /// `[2]`.
    private mutating func argumentNumber() {
        guard place < format.count, format[place] == "[" else { return }
        let digits = format[(place + 1)...].prefix { $0 != "]" }
        place = min(format.count, place + digits.count + 2)
        reordered = true
        argument = (Int(digits.map { String($0) }.joined()) ?? 0) - 1
    }

    /// A number, or `*` for the next argument.
    private mutating func count() -> Int? {
        if place < format.count, format[place] == "*" {
            place += 1
            guard values.indices.contains(argument), case .json(.integer(let value), _) = values[argument] else {
                output += "%!(BADWIDTH)"
                argument += 1
                return nil
            }
            argument += 1
            return min(max(Int(value), -Self.maximumNumber), Self.maximumNumber)
        }
        let digits = format[place...].prefix { ("0"..."9").contains($0) }
        place += digits.count
        return digits.isEmpty ? nil : min(Int(digits.map { String($0) }.joined()) ?? 0, Self.maximumNumber)
    }
}
