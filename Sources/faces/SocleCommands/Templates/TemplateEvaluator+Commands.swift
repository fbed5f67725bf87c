import OCISpec

extension TemplateEvaluator {
    /// One command; `input` is what the pipe hands to it as its last argument.
    mutating func evaluate(
        _ command: TemplateCommand,
        _ dot: TemplateValue,
        input: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        guard let first = command.operands.first else { return .missing }
        let arguments = command.operands.dropFirst()
        switch first.kind {
        case .function(let name):
            return try call(name, command, Array(arguments), dot, input)
        case .field(let names):
            return try fields(names, of: dot, first, arguments, dot, input)
        case .variable(let name, let names):
            return try fields(names, of: variable(name), first, arguments, dot, input)
        case .chain(let operand, let names):
            let value = try evaluate(operand, dot)
            return try fields(names, of: value, first, arguments, dot, input)
        case .pipe(let pipe):
            try refuseArguments(first, arguments, input)
            return try evaluate(pipe, dot)
        case .nil: throw failure(first, "nil is not a command")
        default:
            try refuseArguments(first, arguments, input)
            return try evaluate(first, dot)
        }
    }

    /// An operand as an argument.
    mutating func evaluate(_ operand: TemplateOperand, _ dot: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch operand.kind {
        case .dot: return dot
        case .nil: return .json(.null, .plain)
        case .bool(let value): return .bool(value)
        case .number(.integer(let value), _): return .json(.integer(value), .plain)
        case .number(.float(let value), _): return .json(.number(value), .plain)
        case .character(let scalar, _): return .integer(Int(scalar.value))
        case .string(let text, _): return .text(text)
        case .pipe(let pipe): return try evaluate(pipe, dot)
        case .function(let name):
            let command = TemplateCommand(position: operand.position, operands: [operand])
            return try call(name, command, [], dot, nil)
        case .field, .variable, .chain:
            return try evaluate(TemplateCommand(position: operand.position, operands: [operand]), dot, input: nil)
        }
    }

    func failure(_ operand: TemplateOperand, _ message: String) -> TemplateError {
        Self.failure(place(operand.position), at: operand.description, message)
    }

    private func refuseArguments(
        _ operand: TemplateOperand,
        _ arguments: ArraySlice<TemplateOperand>,
        _ input: TemplateValue?
    ) throws(TemplateError) {
        if !arguments.isEmpty || input != nil {
            throw failure(operand, "can't give argument to non-function \(operand.shown)")
        }
    }

    // MARK: - Fields

    private mutating func fields(
        _ names: [String],
        of receiver: TemplateValue,
        _ operand: TemplateOperand,
        _ arguments: ArraySlice<TemplateOperand>,
        _ dot: TemplateValue,
        _ input: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        var value = receiver
        for (index, name) in names.enumerated() {
            let isLast = index == names.count - 1
            if isLast, case .row(let row) = value, name == "Label", let labels = row.labels {
                return try label(of: labels, operand, arguments, dot, input)
            }
            value = try field(name, of: value, operand)
        }
        if !arguments.isEmpty || input != nil {
            if let name = names.last { throw failure(operand, "\(name) is not a method but has arguments") }
            try refuseArguments(operand, arguments, input)
        }
        return value
    }

    private mutating func label(
        of labels: [String: String],
        _ operand: TemplateOperand,
        _ arguments: ArraySlice<TemplateOperand>,
        _ dot: TemplateValue,
        _ input: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        var values: [TemplateValue] = []
        for argument in arguments { values.append(try evaluate(argument, dot)) }
        if let input { values.append(input) }
        guard values.count == 1 else {
            throw failure(operand, "wrong number of args for Label: want 1 got \(values.count)")
        }
        guard let key = values[0].string else {
            throw failure(operand, "wrong type for value; expected string; got \(values[0].typeName)")
        }
        return .text(labels[key] ?? "")
    }

    private func field(
        _ name: String,
        of receiver: TemplateValue,
        _ operand: TemplateOperand
    ) throws(TemplateError) -> TemplateValue {
        switch receiver {
        case .missing: throw failure(operand, "nil data; no entry for key \(GoText.quoted(name))")
        case .row(let row):
            if let text = row.fields[name] { return .text(text) }
            if row.isTitles { return .missing }
            throw failure(operand, "can't evaluate field \(name) in type \(row.typeName)")
        case .json(.object(let object), let shape):
            if let value = object[name] { return .json(value, GoShape.of(name, in: object)) }
            if shape == .map { return .missing }
            if let value = GoShape.omission(name, in: object) { return .json(value, GoShape.of(name, in: object)) }
            throw failure(operand, "map has no entry for key \(GoText.quoted(name))")
        case .json(.null, .map): return .missing
        case .json(.null, _): throw failure(operand, "nil pointer evaluating interface {}.\(name)")
        case .json: throw failure(operand, "can't evaluate field \(name) in type interface {}")
        }
    }

    // MARK: - Functions

    private mutating func call(
        _ name: String,
        _ command: TemplateCommand,
        _ operands: [TemplateOperand],
        _ dot: TemplateValue,
        _ input: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        let at = command.operands[0]
        guard let function = TemplateFunctions.table[name] else {
            throw failure(at, "\(GoText.quoted(name)) is not a defined function")
        }
        let count = operands.count + (input == nil ? 0 : 1)
        if let complaint = function.complaint(name, count) { throw failure(at, complaint) }
        if name == "and" || name == "or" { return try shortCircuit(name == "and", operands, dot, input) }
        var values: [TemplateValue] = []
        for (index, operand) in operands.enumerated() {
            let value = try evaluate(operand, dot)
            try check(value, function.parameter(index), operand)
            values.append(value)
        }
        if let input {
            try check(input, function.parameter(values.count), command: command)
            values.append(input)
        }
        do throws(TemplateFunctionError) { return try function.body(values) } catch {
            throw Self.failure(
                place(command.position),
                at: command.description,
                "error calling \(name): \(error.message)"
            )
        }
    }

    /// `and` and `or` look at no more of their arguments than they need.
    private mutating func shortCircuit(
        _ isAnd: Bool,
        _ operands: [TemplateOperand],
        _ dot: TemplateValue,
        _ input: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        var value = TemplateValue.missing
        for operand in operands {
            value = try evaluate(operand, dot)
            if value.isTrue != isAnd { return value }
        }
        return input ?? value
    }

    /// Whether an argument is what the function takes.
    private func check(
        _ value: TemplateValue,
        _ parameter: TemplateFunctions.Parameter,
        _ operand: TemplateOperand
    ) throws(TemplateError) {
        if parameter.accepts(value) { return }
        switch operand.kind {
        case .bool, .number, .character, .string, .nil, .dot:
            if case .dot = operand.kind { break }
            throw failure(operand, "expected \(parameter.rawValue); found \(operand.description)")
        default: break
        }
        throw failure(operand, "wrong type for value; expected \(parameter.goName); got \(value.typeName)")
    }

    private func check(
        _ value: TemplateValue,
        _ parameter: TemplateFunctions.Parameter,
        command: TemplateCommand
    ) throws(TemplateError) {
        if parameter.accepts(value) { return }
        throw Self.failure(
            place(command.position),
            at: command.description,
            "wrong type for value; expected \(parameter.goName); got \(value.typeName)"
        )
    }
}
