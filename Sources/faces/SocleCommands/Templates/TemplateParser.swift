/// Reads a template's tokens into nodes: Go's text/template, its grammar and its messages.
struct TemplateParser {
    private let tokens: [TemplateToken]
    private var index = 0
    private var variables: [String] = ["$"]
    private var rangeDepth = 0
    /// How many lists and pipes are open.
    private var depth = 0
    private static let maximumDepth = 250
    private(set) var definitions: [String: [TemplateNode]] = [:]
    private let functions: Set<String>

    init(_ text: String, functions: Set<String>) {
        tokens = TemplateLexer.tokens(of: text)
        self.functions = functions
    }

    /// The whole template; definitions are in `definitions` afterwards.
    mutating func parse() throws(TemplateError) -> [TemplateNode] {
        let (nodes, end) = try list(isTop: true)
        if let end { throw fail("unexpected \(end)") }
        return nodes
    }

    // MARK: - Tokens

    private var current: TemplateToken { tokens[min(index, tokens.count - 1)] }

    private mutating func next() -> TemplateToken {
        defer { index += 1 }
        return current
    }

    private mutating func skipSpaces() { while current.kind == .space { index += 1 } }

    private mutating func nextWord() -> TemplateToken {
        skipSpaces()
        return next()
    }

    private func fail(_ message: String) -> TemplateError {
        let line = tokens[min(max(index - 1, 0), tokens.count - 1)].line
        return TemplateError(.parsing, "template: :\(line): \(message)")
    }

    private func unexpected(_ token: TemplateToken, _ context: String) -> TemplateError {
        token.kind == .error ? fail(token.text) : fail("unexpected \(token.description) in \(context)")
    }

    private mutating func expect(_ kind: TemplateToken.Kind, _ context: String) throws(TemplateError) -> TemplateToken {
        let token = nextWord()
        if token.kind != kind { throw unexpected(token, context) }
        return token
    }

    /// Refuses what is nested deeper than anybody writes, before the stack ends.
    private mutating func enter() throws(TemplateError) {
        if depth >= Self.maximumDepth { throw fail("nested more than \(Self.maximumDepth) deep") }
        depth += 1
    }

    // MARK: - Lists

    /// Nodes up to `{{end}}`, `{{else}}` or the end of the text; the ending's text, nil for the text's end.
    private mutating func list(isTop: Bool = false) throws(TemplateError) -> ([TemplateNode], String?) {
        try enter()
        defer { depth -= 1 }
        var nodes: [TemplateNode] = []
        while true {
            let token = next()
            switch token.kind {
            case .end:
                if isTop { return (nodes, nil) }
                throw fail("unexpected EOF")
            case .text: nodes.append(.text(token.text))
            case .leftDelimiter:
                skipSpaces()
                if current.kind == .keyword, current.text == "end" || current.text == "else" {
                    return (nodes, try listEnd())
                }
                if let node = try action() { nodes.append(node) }
            default: throw unexpected(token, "input")
            }
        }
    }

    private mutating func listEnd() throws(TemplateError) -> String {
        let word = next().text
        if word == "else" {
            skipSpaces()
            if current.kind == .keyword, current.text == "if" || current.text == "with" {
                return "{{else \(current.text)}}"
            }
        }
        _ = try expect(.rightDelimiter, word)
        return "{{\(word)}}"
    }

    /// What stands between `{{` and `}}`; nil for a definition.
    private mutating func action() throws(TemplateError) -> TemplateNode? {
        guard current.kind == .keyword, current.text != "nil" else {
            return .action(try pipeline("command", until: .rightDelimiter))
        }
        let word = next().text
        switch word {
        case "if": return try branch(.if)
        case "with": return try branch(.with)
        case "range": return try branch(.range)
        case "break", "continue":
            if rangeDepth == 0 { throw fail("{{\(word)}} outside {{range}}") }
            _ = try expect(.rightDelimiter, "{{\(word)}}")
            return .stopRange(continues: word == "continue")
        case "template": return try template()
        default: return try definition(isBlock: word == "block")
        }
    }

    private mutating func branch(_ kind: TemplateNode.Branch) throws(TemplateError) -> TemplateNode {
        try enter()
        let outer = variables.count
        defer {
            variables.removeLast(variables.count - outer)
            depth -= 1
        }
        let pipe = try pipeline(kind.rawValue, until: .rightDelimiter)
        if kind == .range { rangeDepth += 1 }
        let (body, end) = try list()
        if kind == .range { rangeDepth -= 1 }
        var otherwise: [TemplateNode] = []
        if end == "{{else if}}" || end == "{{else with}}" {
            if end != "{{else \(kind.rawValue)}}" { throw unexpected(current, "else") }
            index += 1
            otherwise = [try branch(kind)]
        } else if end == "{{else}}" {
            let (nodes, second) = try list()
            if second != "{{end}}" { throw fail("expected end; found \(second ?? "EOF")") }
            otherwise = nodes
        }
        return .branch(kind, pipe, body: body, otherwise: otherwise)
    }

    private mutating func template() throws(TemplateError) -> TemplateNode {
        let name = try templateName("template clause")
        skipSpaces()
        if current.kind == .rightDelimiter {
            index += 1
            return .template(name: name.text, position: name.position, nil)
        }
        let pipe = try pipeline("template clause", until: .rightDelimiter)
        return .template(name: name.text, position: name.position, pipe)
    }

    private mutating func definition(isBlock: Bool) throws(TemplateError) -> TemplateNode? {
        let context = isBlock ? "block clause" : "define clause"
        let name = try templateName(context)
        let pipe = isBlock ? try pipeline(context, until: .rightDelimiter) : nil
        if !isBlock { _ = try expect(.rightDelimiter, context) }
        let outer = variables
        variables = ["$"]
        let (nodes, end) = try list()
        if end != "{{end}}" { throw unexpected(current, context) }
        variables = outer
        definitions[name.text] = nodes
        return pipe.map { .template(name: name.text, position: name.position, $0) }
    }

    private mutating func templateName(_ context: String) throws(TemplateError) -> (text: String, position: Int) {
        let token = nextWord()
        guard token.kind == .string || token.kind == .rawString else { throw unexpected(token, context) }
        guard let text = GoLiteral.unquoted(token.text) else { throw fail("invalid syntax") }
        return (text, token.position)
    }
}

// MARK: - Pipelines

extension TemplateParser {
    private mutating func pipeline(_ context: String, until end: TemplateToken.Kind) throws(TemplateError)
        -> TemplatePipe
    {
        try enter()
        defer { depth -= 1 }
        skipSpaces()
        var pipe = TemplatePipe(position: current.position, line: current.line)
        try declarations(&pipe, context)
        while true {
            let token = nextWord()
            switch token.kind {
            case end:
                try check(pipe, context)
                return pipe
            case .bool, .characterConstant, .dot, .field, .identifier, .number, .rawString, .string, .variable,
                .leftParenthesis:
                index -= 1
                pipe.commands.append(try command())
            case .keyword where token.text == "nil":
                index -= 1
                pipe.commands.append(try command())
            default: throw unexpected(token, context)
            }
        }
    }

    private func check(_ pipe: TemplatePipe, _ context: String) throws(TemplateError) {
        if pipe.commands.isEmpty { throw fail("missing value for \(context)") }
        for (stage, command) in pipe.commands.enumerated().dropFirst() where command.operands.first?.takesInput == false
        {
            throw fail("non executable command in pipeline stage \(stage + 1)")
        }
    }

    /// `$x :=`, `$x =`, and for range `$i, $x :=`.
    private mutating func declarations(_ pipe: inout TemplatePipe, _ context: String) throws(TemplateError) {
        while current.kind == .variable {
            let start = index
            let name = next().text
            skipSpaces()
            switch current.kind {
            case .assign, .declare:
                pipe.assigns = next().kind == .assign
                pipe.variables.append(name)
                variables += pipe.assigns ? [] : pipe.variables
                return
            case .character where current.text == ",":
                index += 1
                pipe.variables.append(name)
                guard context == "range", pipe.variables.count < 2 else {
                    throw fail("too many declarations in \(context)")
                }
                skipSpaces()
                if current.kind != .variable { throw fail("range can only initialize variables") }
            default:
                index = start
                return
            }
        }
    }

    private mutating func command() throws(TemplateError) -> TemplateCommand {
        skipSpaces()
        var command = TemplateCommand(position: current.position)
        while true {
            skipSpaces()
            if let operand = try operand() { command.operands.append(operand) }
            let token = next()
            if token.kind == .space { continue }
            if token.kind == .rightDelimiter || token.kind == .rightParenthesis {
                index -= 1
            } else if token.kind != .pipe {
                throw unexpected(token, "operand")
            }
            if command.operands.isEmpty { throw fail("empty command") }
            return command
        }
    }

    private mutating func operand() throws(TemplateError) -> TemplateOperand? {
        guard let term = try term() else { return nil }
        guard current.kind == .field else { return term }
        let position = current.position
        var names: [String] = []
        while current.kind == .field { names.append(String(next().text.dropFirst())) }
        switch term.kind {
        case .field(let first): return TemplateOperand(kind: .field(first + names), position: position)
        case .variable(let name, let first):
            return TemplateOperand(kind: .variable(name, first + names), position: position)
        case .bool, .string, .number, .character, .nil, .dot:
            throw fail("unexpected . after term \(GoText.quoted(term.description))")
        default: return TemplateOperand(kind: .chain(term, names), position: position)
        }
    }

    private mutating func term() throws(TemplateError) -> TemplateOperand? {
        let token = nextWord()
        let kind: TemplateOperand.Kind
        switch token.kind {
        case .identifier:
            if !functions.contains(token.text) { throw fail("function \(GoText.quoted(token.text)) not defined") }
            kind = .function(token.text)
        case .dot: kind = .dot
        case .keyword where token.text == "nil": kind = .nil
        case .variable:
            guard variables.contains(token.text) else {
                throw fail("undefined variable \(GoText.quoted(token.text))")
            }
            kind = .variable(token.text, [])
        case .field: kind = .field([String(token.text.dropFirst())])
        case .bool: kind = .bool(token.text == "true")
        case .number:
            guard let number = TemplateNumber(token.text) else { throw unexpected(token, "operand") }
            kind = .number(number, text: token.text)
        case .characterConstant:
            guard let text = GoLiteral.unquoted(token.text), let scalar = text.unicodeScalars.first,
                text.unicodeScalars.count == 1
            else { throw fail("malformed character constant: \(token.text)") }
            kind = .character(scalar, text: token.text)
        case .leftParenthesis: kind = .pipe(try pipeline("parenthesized pipeline", until: .rightParenthesis))
        case .string, .rawString:
            guard let text = GoLiteral.unquoted(token.text) else { throw fail("invalid syntax") }
            kind = .string(text, quoted: token.text)
        default:
            index -= 1
            return nil
        }
        return TemplateOperand(kind: kind, position: token.position)
    }
}
