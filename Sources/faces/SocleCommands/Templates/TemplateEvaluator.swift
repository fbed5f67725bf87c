import OCISpec

/// Walks a template's nodes with a value and writes its text.
struct TemplateEvaluator {
    /// What ends a walk before its last node.
    enum Exit { case none, stop, next }

    private let definitions: [String: [TemplateNode]]
    /// The offsets of the lines after the first, for errors.
    private let lines: [Int]
    private var variables: [(name: String, value: TemplateValue)]
    private var depth = 0
    private(set) var output = ""

    /// As deep as Go lets templates call each other.
    private static let maximumDepth = 1000
    /// What a template may write: far beyond any document, and it ends what would never end.
    private static let maximumOutput = 256 << 20

    init(_ template: Template, root: TemplateValue) {
        definitions = template.definitions
        lines = template.lines
        variables = [("$", root)]
    }

    static func failure(_ position: Position, at text: String, _ message: String) -> TemplateError {
        TemplateError(
            .executing,
            "template: :\(position.line):\(position.column): executing \"\" at <\(text)>: \(message)"
        )
    }

    /// A place in the template's text as Go's errors name it.
    struct Position {
        var line: Int
        var column: Int
    }

    mutating func walk(_ nodes: [TemplateNode], dot: TemplateValue) throws(TemplateError) -> Exit {
        let outer = variables.count
        defer { variables.removeLast(variables.count - outer) }
        for node in nodes {
            let exit = try walk(node, dot)
            if exit != .none { return exit }
        }
        return .none
    }

    private mutating func walk(_ node: TemplateNode, _ dot: TemplateValue) throws(TemplateError) -> Exit {
        switch node {
        case .text(let text): output += text
        case .action(let pipe):
            let value = try evaluate(pipe, dot)
            if pipe.variables.isEmpty { output += value.printed }
            if output.utf8.count > Self.maximumOutput {
                throw TemplateError(.executing, "template: : the text is longer than \(Self.maximumOutput) bytes")
            }
        case .branch(.range, let pipe, let body, let otherwise): return try range(pipe, body, otherwise, dot)
        case .branch(let kind, let pipe, let body, let otherwise):
            let outer = variables.count
            defer { variables.removeLast(variables.count - outer) }
            let value = try evaluate(pipe, dot)
            if value.isTrue { return try walk(body, dot: kind == .with ? value : dot) }
            return try walk(otherwise, dot: dot)
        case .template(let name, let position, let pipe): try call(name, position, pipe, dot)
        case .stopRange(let continues): return continues ? .next : .stop
        }
        return .none
    }

    private mutating func call(
        _ name: String,
        _ position: Int,
        _ pipe: TemplatePipe?,
        _ dot: TemplateValue
    ) throws(TemplateError) {
        let at = "{{template \(GoText.quoted(name))" + (pipe.map { " \($0.description)" } ?? "") + "}}"
        guard let nodes = definitions[name] else {
            throw Self.failure(place(position), at: at, "template \(GoText.quoted(name)) not defined")
        }
        guard depth < Self.maximumDepth else {
            throw Self.failure(place(position), at: at, "exceeded maximum template depth (\(Self.maximumDepth))")
        }
        var value = TemplateValue.missing
        if let pipe { value = try evaluate(pipe, dot) }
        let outer = variables
        variables = [("$", value)]
        depth += 1
        _ = try walk(nodes, dot: value)
        depth -= 1
        variables = outer
    }

    // MARK: - Ranges

    private mutating func range(
        _ pipe: TemplatePipe,
        _ body: [TemplateNode],
        _ otherwise: [TemplateNode],
        _ dot: TemplateValue
    ) throws(TemplateError) -> Exit {
        let outer = variables.count
        defer { variables.removeLast(variables.count - outer) }
        let value = try evaluate(pipe, dot, declares: false)
        let items = try self.items(of: value, pipe)
        if items.isEmpty { return try walk(otherwise, dot: dot) }
        if !pipe.assigns { variables += pipe.variables.map { ($0, .missing) } }
        for (key, element) in items {
            if let last = pipe.variables.last { set(last, element) }
            if pipe.variables.count == 2 { set(pipe.variables[0], key) }
            let exit = try walk(body, dot: element)
            if exit == .stop { break }
        }
        return .none
    }

    private func items(
        of value: TemplateValue,
        _ pipe: TemplatePipe
    ) throws(TemplateError) -> [(TemplateValue, TemplateValue)] {
        if let elements = value.elements {
            return elements.enumerated().map { (.integer($0.offset), TemplateValue($0.element)) }
        }
        switch value {
        case .missing, .json(.null, _): return []
        case .json(.object(let object), _):
            let members = object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return members.map { (.text($0.key), .json($0.value, GoShape.of($0.key, in: object))) }
        default:
            throw Self.failure(
                place(pipe.position),
                at: pipe.description,
                "range can't iterate over \(value.printed)"
            )
        }
    }

    // MARK: - Pipes

    mutating func evaluate(
        _ pipe: TemplatePipe,
        _ dot: TemplateValue,
        declares: Bool = true
    ) throws(TemplateError) -> TemplateValue {
        var value: TemplateValue?
        for command in pipe.commands { value = try evaluate(command, dot, input: value) }
        let result = value ?? .missing
        if declares {
            for name in pipe.variables {
                if pipe.assigns { set(name, result) } else { variables.append((name, result)) }
            }
        }
        return result
    }

    private mutating func set(_ name: String, _ value: TemplateValue) {
        guard let index = variables.lastIndex(where: { $0.name == name }) else { return }
        variables[index].value = value
    }

    func variable(_ name: String) -> TemplateValue { variables.last { $0.name == name }?.value ?? .missing }

    /// Line and column of a byte of the template.
    func place(_ position: Int) -> Position {
        let line = lines.lastIndex { $0 <= position }
        return Position(line: (line ?? -1) + 2, column: position - (line.map { lines[$0] } ?? 0))
    }
}
