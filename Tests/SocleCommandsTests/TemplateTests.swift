import OCISpec
import SocleTesting
import Testing

@testable import SocleCommands

/// Templates against what Docker printed for the same template and the same document.
struct TemplateTests {
    struct Case: Sendable, CustomStringConvertible {
        var template: String
        var output: String?
        var error: String?
        var description: String { template }
    }

    static func cases(_ name: String) throws -> [Case] {
        try elements("template/\(name).cases.json").map {
            Case(template: try #require($0["template"]?.text), output: $0["output"]?.text, error: $0["error"]?.text)
        }
    }

    /// What `inspect --format` does with one object.
    static func inspect(_ template: String, _ document: JSONValue) throws(TemplateError) -> String {
        try Template(template).render(TemplateValue(document)) + "\n"
    }

    static func document(_ name: String) throws -> JSONValue {
        try #require(elements("template/\(name).json").first)
    }

    /// The elements of a golden file's array.
    private static func elements(_ name: String) throws -> [JSONValue] {
        let bytes = try #require(try Golden.bytes(name))
        return try #require(try JSONValue(parsing: bytes).elements)
    }

    @Test(arguments: ["image", "container"])
    func agreesWithDocker(kind: String) throws {
        let document = try Self.document(kind)
        #expect(try Self.cases(kind).count > 30)
        for expected in try Self.cases(kind) {
            do throws(TemplateError) {
                let output = try Self.inspect(expected.template, document)
                #expect(expected.error == nil, "\(expected.template) printed \(output)")
                #expect(output == expected.output, "\(expected.template)")
            } catch {
                #expect("template parsing error: \(error.description)" == expected.error, "\(expected.template)")
            }
        }
    }

    @Test func rowsKnowTheirColumns() throws {
        let row = TemplateValue.row(
            TemplateRow(
                typeName: "*formatter.ContainerContext",
                fields: ["ID": "abc", "Names": "x"],
                labels: ["a": "b"]
            )
        )
        #expect(try Template("{{.ID}} {{.Names}} {{.Label \"a\"}}|{{.Label \"z\"}}").render(row) == "abc x b|")
        #expect(try Template("{{json .}}").render(row) == #"{"ID":"abc","Names":"x"}"#)
        let template = try Template("{{.Foo}}")
        let error = #expect(throws: TemplateError.self) { try template.render(row) }
        #expect(
            error?.description == "template: :1:2: executing \"\" at <.Foo>: "
                + "can't evaluate field Foo in type *formatter.ContainerContext"
        )
    }

    @Test func endsWhatCallsItself() throws {
        let template = try Template("{{define \"x\"}}{{template \"x\"}}{{end}}{{template \"x\"}}")
        let error = #expect(throws: TemplateError.self) { try template.render(.missing) }
        #expect(error?.description.hasSuffix("exceeded maximum template depth (1000)") == true)
    }

    @Test(arguments: ["(", "{{if 1}}", "{{range 1}}", "{{else if 1}}"])
    func refusesWhatIsNestedWithoutEnd(piece: String) {
        let start = piece == "(" ? "{{" : "{{if 1}}"
        let text = start + String(repeating: piece, count: 20_000)
        let error = #expect(throws: TemplateError.self) { try Template(text) }
        #expect(error?.stage == .parsing)
    }

    @Test(arguments: ["%[0]*d", "%[9]d", "%[", "%", "%*", "%[99999999999999999999]d", "%999999999999999999999d", "%-"])
    func oddDirectivesDontTrap(format: String) throws {
        #expect(try !Template("{{printf \(GoText.quoted(format)) 1 2}}").render(.missing).isEmpty)
    }

    @Test func durationsReadAsGoWritesThem() {
        let texts: [Int64: String] = [
            0: "0s", 1: "1ns", 1_500: "1.5µs", 250_000_000: "250ms", 1_500_000_000: "1.5s", 90_000_000_000: "1m30s",
            3_600_000_000_000: "1h0m0s", 5_000_000_000: "5s",
        ]
        for (nanoseconds, text) in texts { #expect(GoShape.duration(nanoseconds) == text) }
    }
}
