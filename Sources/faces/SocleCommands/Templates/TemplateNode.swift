/// What a template is made of, after parsing.
///
/// Descriptions are the ones that Go's errors quote.
indirect enum TemplateNode: Sendable {
    enum Branch: String, Sendable { case `if`, with, range }

    case text(String)
    case action(TemplatePipe)
    case branch(Branch, TemplatePipe, body: [TemplateNode], otherwise: [TemplateNode])
    case template(name: String, position: Int, TemplatePipe?)
    case stopRange(continues: Bool)
}

/// Commands whose results are handed on, and the variables that take the last one.
struct TemplatePipe: Sendable {
    var position: Int
    var line: Int
    var variables: [String] = []
    var assigns = false
    var commands: [TemplateCommand] = []

    var description: String {
        let head = variables.isEmpty ? "" : variables.joined(separator: ", ") + (assigns ? " = " : " := ")
        return head + commands.map(\.description).joined(separator: " | ")
    }
}

/// A function with its arguments, or a lone value.
struct TemplateCommand: Sendable {
    var position: Int
    var operands: [TemplateOperand] = []

    var description: String {
        operands.map(\.shown).joined(separator: " ")
    }
}

/// One word of a command.
struct TemplateOperand: Sendable {
    indirect enum Kind: Sendable {
        case dot, `nil`
        case bool(Bool)
        case number(TemplateNumber, text: String)
        case character(Unicode.Scalar, text: String)
        case string(String, quoted: String)
        case field([String])
        case variable(String, [String])
        case chain(TemplateOperand, [String])
        case function(String)
        case pipe(TemplatePipe)
    }

    var kind: Kind
    var position: Int

    var description: String {
        switch kind {
        case .dot: "."
        case .nil: "nil"
        case .bool(let value): value ? "true" : "false"
        case .number(_, let text), .character(_, let text): text
        case .string(_, let quoted): quoted
        case .field(let names): names.map { ".\($0)" }.joined()
        case .variable(let name, let names): name + names.map { ".\($0)" }.joined()
        case .chain(let operand, let names): operand.shown + names.map { ".\($0)" }.joined()
        case .function(let name): name
        case .pipe(let pipe): pipe.description
        }
    }

    /// With the parentheses that a pipe has among other words.
    var shown: String { if case .pipe = kind { "(\(description))" } else { description } }

    /// Whether a later command of a pipe can start with it.
    var takesInput: Bool {
        switch kind {
        case .dot, .nil, .bool, .number, .character, .string: false
        default: true
        }
    }
}
