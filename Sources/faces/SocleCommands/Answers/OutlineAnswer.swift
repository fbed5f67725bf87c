import BuildOperations
import DockerfileFrontend
import OCISpec

/// What `build --call=outline` says: the arguments, secrets and agents that a target takes.
struct OutlineAnswer {
    private let outline: BuildOutline
    private let source: [UInt8]

    init(_ outline: BuildOutline, of inspection: BuildInspection) {
        self.outline = outline
        source = inspection.source
    }

    /// Tables for people, as BuildKit prints them.
    var text: String {
        var text = ""
        if !outline.name.isEmpty || !outline.description.isEmpty {
            var head = "TARGET:\t\(outline.name.isEmpty ? "(default)" : outline.name)\n"
            if !outline.description.isEmpty { head += "DESCRIPTION:\t\(outline.description)\n" }
            text += TabWriter(minimumWidth: 0, padding: 1).aligned(head) + "\n"
        }
        text += table(
            "BUILD ARG\tVALUE\tDESCRIPTION",
            outline.arguments.map { "\($0.name)\t\($0.value)\t\($0.description)" }
        )
        text += table("SECRET\tREQUIRED", outline.secrets.map(row))
        return text + table("SSH\tREQUIRED", outline.sshAgents.map(row))
    }

    private func row(_ need: BuildOutline.Need) -> String { "\(need.name)\t\(need.isRequired ? "true" : "")" }

    private func table(_ head: String, _ rows: [String]) -> String {
        guard !rows.isEmpty else { return "" }
        let lines = ([head] + rows).map { $0 + "\n" }.joined()
        return TabWriter(minimumWidth: 0, padding: 3).aligned(lines) + "\n"
    }

    /// The same for programs.
    var json: String {
        AnswerJSON.text(
            AnswerJSON.object([
                ("name", .string(outline.name)), ("description", .string(outline.description)),
                ("args", .array(outline.arguments.map(Self.json))),
                ("secrets", .array(outline.secrets.map(Self.json))),
                ("ssh", .array(outline.sshAgents.map(Self.json))),
                ("sources", .array([.string(Base64.text(source))])),
            ])
        )
    }

    private static func json(_ argument: BuildOutline.Argument) -> JSONValue {
        AnswerJSON.object([
            ("name", .string(argument.name)), ("description", .string(argument.description)),
            ("value", .string(argument.value)), ("location", AnswerJSON.location([argument.range])),
        ])
    }

    private static func json(_ need: BuildOutline.Need) -> JSONValue {
        AnswerJSON.object([
            ("name", .string(need.name)), ("required", .bool(need.isRequired)),
            ("location", AnswerJSON.location([need.range])),
        ])
    }
}
