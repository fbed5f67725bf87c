/// Docker's `--format`: Go's text/template with Docker's functions.
///
/// It knows documents and lines of lists as values; where they come from and what their fields mean is not its matter.
struct Template: Sendable {
    let nodes: [TemplateNode]
    let definitions: [String: [TemplateNode]]
    /// Where the lines after the first start.
    let lines: [Int]

    /// Reads the text of a template.
    init(_ text: String) throws(TemplateError) {
        lines = text.utf8.enumerated().filter { $0.element == 10 }.map { $0.offset + 1 }
        var parser = TemplateParser(text, functions: TemplateFunctions.names)
        nodes = try parser.parse()
        definitions = parser.definitions
    }

    /// The template's text with `value` for its dot.
    func render(_ value: TemplateValue) throws(TemplateError) -> String {
        var evaluator = TemplateEvaluator(self, root: value)
        _ = try evaluator.walk(nodes, dot: value)
        return evaluator.output
    }
}
