import BuildOperations
import LinuxSystem
import OCISpec

/// Takes what a build says about its steps, and writes it when everything else was said.
struct ExplanationReport: Sendable {
    private let mode: ExplanationMode
    private let steps = Guarded<[StepExplanation]>([])

    init(_ mode: ExplanationMode) { self.mode = mode }

    /// Where the build puts it; nil asks for none.
    var sink: (@Sendable ([StepExplanation]) -> Void)? {
        if mode == .none { return nil }
        return { [steps] new in steps.update { $0 = new } }
    }

    /// Text goes to standard error, where progress goes; JSON to standard output, an object a line, for programs.
    func write(to output: Output) {
        let steps = steps.wait { $0 }
        switch mode {
        case .none: break
        case .text: output.writeError(ExplanationText.text(steps))
        case .json: output.write(steps.map { ExplanationJSON.value($0).serialized() + "\n" }.joined())
        }
    }
}

/// What became of a step, for programs.
enum ExplanationJSON {
    static func value(_ step: StepExplanation) -> JSONValue {
        var fields: [(String, JSONValue)] = [("step", .string(step.step))]
        if let line = step.line { fields.append(("line", .integer(Int64(line)))) }
        fields.append(("cached", .bool(step.isHit)))
        switch step.outcome {
        case .hit(let source): if let source { fields.append(("from", .string(source))) }
        case .new: fields.append(("reason", .string("new")))
        case .lost: fields.append(("reason", .string("lost")))
        case .ignored: fields.append(("reason", .string("ignored")))
        case .changed(let changes):
            fields.append(("reason", .string("changed")))
            fields.append(("changes", .array(changes.map(value))))
        }
        return object(fields)
    }

    private static func value(_ change: KeyChange) -> JSONValue {
        switch change {
        case .file(let path, .added): named("file", path, [("change", .string("added"))])
        case .file(let path, .removed): named("file", path, [("change", .string("removed"))])
        case .file(let path, .changed(let aspects)):
            named("file", path, [("change", .string("changed")), ("aspects", .array(aspects.map { .string($0) }))])
        case .moreFiles(let count): object([("kind", .string("files")), ("count", .integer(Int64(count)))])
        case .command(let old, let new): named("command", nil, pair(old, new))
        case .variable(let name, let old, let new): named("variable", name, pair(old, new))
        case .mount(let old, let new): named("mount", nil, pair(old, new))
        case .setting(let name, let old, let new): named("setting", name, pair(old, new))
        case .rebuilt(let step): named("step", step, [("change", .string("rebuilt"))])
        case .otherResult(let step): named("step", step, [("change", .string("otherResult"))])
        case .base(let image, let old, let new): named("base", image, pair(old, new))
        }
    }

    private static func named(_ kind: String, _ name: String?, _ rest: [(String, JSONValue)]) -> JSONValue {
        object([("kind", .string(kind))] + (name.map { [("name", .string($0))] } ?? []) + rest)
    }

    private static func pair(_ old: String?, _ new: String?) -> [(String, JSONValue)] {
        [("from", old), ("to", new)].compactMap { name, text in text.map { (name, .string($0)) } }
    }

    private static func object(_ fields: [(String, JSONValue)]) -> JSONValue {
        .object(fields.reduce(into: JSONObject()) { $0[$1.0] = $1.1 })
    }
}
