import OCISpec

/// Rows in the way that `--format` asks for: a table, a line a row, or JSON.
struct Listing {
    private let template: Template
    private let headers: [String: String]
    private let isTable: Bool

    /// Takes the user's format, or the command's own where that is nil or `table`; headers are column titles by field.
    init(_ format: String?, standard: String, _ headers: [String: String]) throws(ArgumentError) {
        var text = format ?? standard
        if text.isEmpty || text == "table" { text = standard }
        if text == "json" { text = "{{json .}}" }
        isTable = text.hasPrefix("table")
        // As with Docker, whatever follows.
        if isTable { text = Self.trimmed(text.dropFirst(5)) }
        // Shells hand over \t as two characters.
        text = Self.replacing(Self.replacing(text, "\\t", "\t"), "\\n", "\n")
        template = try Self.template(text)
        self.headers = headers
    }

    /// The template of a list: as with Docker, one that can't be read is a wrong argument like others, and ends with 1.
    static func template(_ text: String) throws(ArgumentError) -> Template {
        do throws(TemplateError) { return try Template(text) } catch {
            throw ArgumentError("template parsing error: \(error.description)")
        }
    }

    func text(_ rows: [TemplateRow]) throws(TemplateError) -> String {
        var lines = ""
        // Before the titles: what the rows lack is an error.
        for row in rows { lines += try template.render(.row(row)) + "\n" }
        return isTable ? TabWriter().aligned(try template.render(.row(.titles(headers))) + "\n" + lines) : lines
    }

    private static func trimmed(_ text: Substring) -> String {
        let begun = text.drop { $0 == " " }
        return String(begun.prefix(begun.lastIndex { $0 != " " }.map { begun.distance(from: begun.startIndex, to: $0) + 1 } ?? 0))
    }

    private static func replacing(_ text: String, _ mark: String, _ replacement: String) -> String {
        TemplateText.split(text, mark).joined(separator: replacement)
    }
}
