import OCISpec

/// Rows in the way that `--format` asks for: a table, a line a row, or JSON.
struct Listing {
    private let template: Template
    private let headers: [String: String]
    private let isTable: Bool

    /// Takes the user's format, or the command's own where that is nil or `table`; headers are column titles by field.
    init(_ format: String?, standard: String, _ headers: [String: String]) throws(TemplateError) {
        var text = format ?? standard
        if text.isEmpty || text == "table" { text = standard }
        if text == "json" { text = "{{json .}}" }
        isTable = text.hasPrefix("table ")
        if isTable { text = String(text.dropFirst(6)) }
        // Shells hand over \t as two characters.
        text = Self.replacing(Self.replacing(text, "\\t", "\t"), "\\n", "\n")
        template = try Template(text)
        self.headers = headers
    }

    func text(_ rows: [TemplateRow]) throws(TemplateError) -> String {
        var lines = ""
        if isTable {
            let typeName = rows.first?.typeName ?? ""
            lines += try template.render(.row(TemplateRow(typeName: typeName, fields: headers, labels: [:]))) + "\n"
        }
        for row in rows { lines += try template.render(.row(row)) + "\n" }
        return isTable ? TabWriter().aligned(lines) : lines
    }

    private static func replacing(_ text: String, _ mark: String, _ replacement: String) -> String {
        TemplateText.split(text, mark).joined(separator: replacement)
    }
}
