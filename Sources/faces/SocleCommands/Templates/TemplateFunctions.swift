import OCISpec

/// Why a function of a template failed.
struct TemplateFunctionError: Error {
    var message: String

    init(_ message: String) { self.message = message }
}

/// The functions that a template can call: Go's and Docker's.
enum TemplateFunctions {
    /// What an argument has to be.
    enum Parameter: String {
        case any, string, list, integer

        var goName: String {
            switch self {
            case .any: "interface {}"
            case .string: "string"
            case .list: "[]string"
            case .integer: "int"
            }
        }

        func accepts(_ value: TemplateValue) -> Bool {
            switch (self, value) {
            case (.any, _), (.string, .json(.string, _)), (.integer, .json(.integer, _)): true
            case (.list, _): value.elements?.allSatisfy { $0.text != nil } == true
            default: false
            }
        }
    }

    struct Function: Sendable {
        /// What the first arguments have to be; the last counts for all that follow.
        var parameters: [Parameter]
        var isVariadic = false
        var body: @Sendable ([TemplateValue]) throws(TemplateFunctionError) -> TemplateValue

        func parameter(_ index: Int) -> Parameter { parameters[min(index, parameters.count - 1)] }

        /// What is wrong with so many arguments.
        func complaint(_ name: String, _ count: Int) -> String? {
            let required = isVariadic ? parameters.count - 1 : parameters.count
            if isVariadic ? count >= required : count == required { return nil }
            return "wrong number of args for \(name): want \(isVariadic ? "at least " : "")\(required) got \(count)"
        }
    }

    private typealias Body = @Sendable ([TemplateValue]) throws(TemplateFunctionError) -> TemplateValue

    private static func fixed(_ parameters: Parameter..., body: @escaping Body) -> Function {
        Function(parameters: parameters, body: body)
    }

    /// The last parameter may come many times, or not at all.
    private static func variadic(_ parameters: Parameter..., body: @escaping Body) -> Function {
        Function(parameters: parameters, isVariadic: true, body: body)
    }

    static let names = Set(table.keys)

    static let table: [String: Function] = [
        // Both are evaluated as they go, by the evaluator.
        "and": variadic(.any, .any) { arguments throws(TemplateFunctionError) in arguments[0] },
        "or": variadic(.any, .any) { arguments throws(TemplateFunctionError) in arguments[0] },
        "not": fixed(.any) { arguments throws(TemplateFunctionError) in .bool(!arguments[0].isTrue) },
        "eq": variadic(.any, .any) { arguments throws(TemplateFunctionError) in
            guard arguments.count > 1 else { throw TemplateFunctionError("missing argument for comparison") }
            for other in arguments.dropFirst() where try TemplateComparison.equal(arguments[0], other) {
                return .bool(true)
            }
            return .bool(false)
        },
        "ne": fixed(.any, .any) { a throws(TemplateFunctionError) in .bool(try !TemplateComparison.equal(a[0], a[1])) },
        "lt": fixed(.any, .any) { a throws(TemplateFunctionError) in .bool(try TemplateComparison.less(a[0], a[1])) },
        "le": fixed(.any, .any) { a throws(TemplateFunctionError) in
            .bool(try TemplateComparison.lessOrEqual(a[0], a[1]))
        },
        "gt": fixed(.any, .any) { a throws(TemplateFunctionError) in
            .bool(try !TemplateComparison.lessOrEqual(a[0], a[1]))
        },
        "ge": fixed(.any, .any) { a throws(TemplateFunctionError) in .bool(try !TemplateComparison.less(a[0], a[1])) },
        "index": variadic(.any, .any) { a throws(TemplateFunctionError) in
            try TemplateIndexing.index(a[0], a.dropFirst())
        },
        "slice": variadic(.any, .any) { a throws(TemplateFunctionError) in
            try TemplateIndexing.slice(a[0], a.dropFirst())
        },
        "len": fixed(.any) { a throws(TemplateFunctionError) in .integer(try TemplateIndexing.length(a[0])) },
        "print": variadic(.any) { a throws(TemplateFunctionError) in .text(GoFormat.print(a)) },
        "println": variadic(.any) { a throws(TemplateFunctionError) in .text(GoFormat.println(a)) },
        "printf": variadic(.string, .any) { a throws(TemplateFunctionError) in
            .text(GoFormat.format(a[0].string ?? "", Array(a.dropFirst())))
        },
        "html": variadic(.any) { a throws(TemplateFunctionError) in .text(TemplateText.html(GoFormat.print(a))) },
        "js": variadic(.any) { a throws(TemplateFunctionError) in .text(TemplateText.script(GoFormat.print(a))) },
        "urlquery": variadic(.any) { a throws(TemplateFunctionError) in .text(TemplateText.query(GoFormat.print(a))) },
        "json": fixed(.any) { a throws(TemplateFunctionError) in .text(TemplateText.json(a[0])) },
        "split": fixed(.string, .string) { a throws(TemplateFunctionError) in
            .json(JSONValue(strings: TemplateText.split(a[0].string ?? "", a[1].string ?? "")), .list)
        },
        "join": fixed(.list, .string) { a throws(TemplateFunctionError) in
            .text((a[0].elements ?? []).compactMap(\.text).joined(separator: a[1].string ?? ""))
        },
        "title": fixed(.string) { a throws(TemplateFunctionError) in .text(TemplateText.title(a[0].string ?? "")) },
        "lower": fixed(.string) { a throws(TemplateFunctionError) in .text((a[0].string ?? "").lowercased()) },
        "upper": fixed(.string) { a throws(TemplateFunctionError) in .text((a[0].string ?? "").uppercased()) },
        "pad": fixed(.string, .integer, .integer) { a throws(TemplateFunctionError) in
            .text(try TemplateText.pad(a[0].string ?? "", a[1], a[2]))
        },
        "truncate": fixed(.string, .integer) { a throws(TemplateFunctionError) in
            .text(try TemplateText.truncate(a[0].string ?? "", a[1]))
        },
    ]
}
