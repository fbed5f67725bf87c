import BuildDefinition
import OCISpec
import Reporting

extension LoweredBuild: CustomStringConvertible {
    /// The plan for people and for tests: graph, result, config, history, findings.
    public var description: String {
        var lines = [graph.description, "result \(result.map { "\($0.vertex)" } ?? "none")", "", "config"]
        // A config that can't be encoded doesn't come out of lowering; its text would be empty.
        let bytes = (try? JSON.encode(config)) ?? []
        let value = try? JSONValue(parsing: bytes)
        lines.append(value?.serialized(indent: 2) ?? String(decoding: bytes, as: UTF8.self))
        lines += ["", "history"]
        lines += history.map { entry in
            let mark = entry.inherited != nil ? "base" : entry.isEmptyLayer ? "-" : "\(entry.vertex ?? -1)"
            return "\(mark)\t\(entry.createdBy)"
        }
        if !warnings.isEmpty { lines += ["", "warnings"] + warnings.map(\.line) }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Survey: CustomStringConvertible {
    /// The survey for people and for tests.
    public var description: String {
        let context = !needsContext ? "not needed" : contextPaths.map { $0.joined(separator: ", ") } ?? "everything"
        return """
            stages \(stages.map(String.init).joined(separator: " ")), target \(target)
            images \(baseReferences.map(\.description).joined(separator: ", "))
            context \(context)

            """
    }
}

extension Diagnostic {
    /// `7: Rule: message`
    fileprivate var line: String {
        let place = ranges.first.map { "\($0.start.line): " } ?? ""
        return place + (rule.map { "\($0): " } ?? "") + message + (hint.map { " [\($0)]" } ?? "")
    }
}
