import OCISpec
import Reporting

/// The parts that all answers about a build share, with the names that BuildKit gives them.
enum AnswerJSON {
    /// An object of the members that aren't empty.
    static func object(_ members: [(String, JSONValue?)]) -> JSONValue {
        var object = JSONObject()
        for (name, value) in members where value.map({ !isEmpty($0) }) ?? false { object[name] = value }
        return .object(object)
    }

    private static func isEmpty(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): text.isEmpty
        case .bool(let value): !value
        case .array(let elements): elements.isEmpty
        default: false
        }
    }

    /// `{"ranges": [{"start": {"line": 1}, "end": {"line": 1}}]}`: each line of the ranges by itself.
    static func location(_ ranges: [SourceRange]) -> JSONValue {
        let lines = ranges.flatMap { Array($0.start.line...max($0.start.line, $0.end.line)) }
        let parts = lines.map { line in
            let place = object([("line", .integer(Int64(line)))])
            return object([("start", place), ("end", place)])
        }
        return object([("ranges", .array(parts))])
    }

    /// The document's last text, with a line's end.
    static func text(_ value: JSONValue) -> String { value.serialized(indent: 2, escapingHTML: true) + "\n" }
}
