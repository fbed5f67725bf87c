import OCISpec

/// What a template is rendered with, and what its commands produce.
indirect enum TemplateValue: Sendable, Hashable {
    /// Nothing at all: prints `<no value>`.
    case missing
    /// A document, or a part of one, with what its place in the document says about its Go type.
    case json(JSONValue, GoShape)
    /// A line of a list.
    case row(TemplateRow)

    init(_ json: JSONValue) { self = .json(json, .plain) }

    static func text(_ text: String) -> TemplateValue { .json(.string(text), .plain) }
    static func integer(_ value: Int) -> TemplateValue { .json(.integer(Int64(value)), .plain) }
    static func bool(_ value: Bool) -> TemplateValue { .json(.bool(value), .plain) }

    /// The text of a string.
    var string: String? { if case .json(.string(let text), _) = self { text } else { nil } }

    /// The elements of a list; a nil list of Go's has none.
    var elements: [JSONValue]? {
        switch self {
        case .json(.array(let elements), _): elements
        case .json(.null, .list): []
        default: nil
        }
    }

    /// What `if` makes of it.
    var isTrue: Bool {
        switch self {
        case .missing, .json(.null, _): false
        case .json(.bool(let value), _): value
        case .json(.integer(let value), _): value != 0
        case .json(.unsigned(let value), _): value != 0
        case .json(.number(let value), _): value != 0
        case .json(.string(let text), _): !text.isEmpty
        case .json(.array(let elements), _): !elements.isEmpty
        case .json(.object(let object), let shape): shape != .map || !object.isEmpty
        case .row: true
        }
    }

    /// Its type, as Go names it once Docker has fallen back to plain JSON.
    var typeName: String {
        switch self {
        case .missing, .json(.null, _): "<nil>"
        case .json(.bool, _): "bool"
        case .json(.integer, _): "int"
        case .json(.unsigned, _): "uint64"
        case .json(.number, _): "float64"
        case .json(.string, _): "string"
        case .json(.array, _): "[]interface {}"
        case .json(.object, _): "map[string]interface {}"
        case .row(let row): row.typeName
        }
    }

    /// As `{{.}}` prints it.
    var printed: String {
        switch self {
        case .missing: "<no value>"
        case .json(let value, let shape): GoShape.printed(value, shape)
        case .row(let row): GoShape.printed(.object(row.object), .plain)
        }
    }
}

/// One line of a list (`images`, `ps`, `history`): texts by column name, and what takes an argument.
struct TemplateRow: Sendable, Hashable {
    /// Go's type, which Docker's errors name: `*formatter.ContainerContext`.
    var typeName: String
    var fields: [String: String] = [:]
    /// `.Label "key"`.
    var labels: [String: String]?
    /// Whether it is the line of titles, which lacks what no row has without complaint.
    var isTitles = false

    init(typeName: String, fields: [String: String], labels: [String: String]? = nil) {
        self.typeName = typeName
        self.fields = fields
        self.labels = labels
    }

    /// The line above the rows of a table.
    static func titles(_ titles: [String: String]) -> TemplateRow {
        var row = TemplateRow(typeName: "map[string]string", fields: titles, labels: [:])
        row.isTitles = true
        return row
    }

    /// As `{{json .}}` writes it.
    var object: JSONObject { JSONObject(fields) }
}
