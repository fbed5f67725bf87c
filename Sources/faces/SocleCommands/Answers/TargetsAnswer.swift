import BuildOperations
import DockerfileFrontend
import OCISpec

/// What `build --call=targets` says: the stages that can be built.
struct TargetsAnswer {
    private let targets: [BuildTarget]
    private let source: [UInt8]

    init(_ targets: [BuildTarget], of inspection: BuildInspection) {
        self.targets = targets
        source = inspection.source
    }

    /// A table for people, as BuildKit prints it.
    var text: String {
        let rows = targets.map { target in
            let mark = target.isDefault ? "(default)" : ""
            let name = [target.name, mark].filter { !$0.isEmpty }.joined(separator: " ")
            return "\(name)\t\(target.description)"
        }
        let lines = (["TARGET\tDESCRIPTION"] + rows).map { $0 + "\n" }.joined()
        return TabWriter(minimumWidth: 0, padding: 1).aligned(lines)
    }

    /// The same for programs.
    var json: String {
        var document = JSONObject()
        document["targets"] = .array(targets.map(Self.json))
        document["sources"] = .array([.string(Base64.text(source))])
        return AnswerJSON.text(.object(document))
    }

    private static func json(_ target: BuildTarget) -> JSONValue {
        AnswerJSON.object([
            ("name", .string(target.name)), ("default", .bool(target.isDefault)),
            ("description", .string(target.description)), ("base", .string(target.base)),
            ("platform", .string(target.platform)), ("location", AnswerJSON.location([target.range])),
        ])
    }
}
