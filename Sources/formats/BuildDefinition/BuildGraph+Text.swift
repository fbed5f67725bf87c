import Reporting

extension BuildGraph: CustomStringConvertible {
    /// The graph for people and for tests: a line a vertex with its key parts below it.
    public var description: String {
        vertices.map(\.description).joined(separator: "\n")
    }
}

extension Vertex: CustomStringConvertible {
    public var description: String {
        let edges = inputs.map { edge in
            edge.map { $0.output == 0 ? "\($0.vertex)" : "\($0.vertex).\($0.output)" } ?? "scratch"
        }
        var lines = ["\(id) \(title)"]
        if !edges.isEmpty { lines.append("    inputs \(edges.joined(separator: " "))") }
        if ignoresCache { lines.append("    ignores the cache") }
        lines += operation.keyParts.map {
            "    \($0.name): \(ShownAddress.hidingCredentials($0.text).quotedIfNeeded)"
        }
        if case .run(let run) = operation {
            lines += run.proxyEnvironment.map { "    proxy: \($0.quotedIfNeeded)" }
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// Itself, or quoted with escapes where a line of text could not show it.
    fileprivate var quotedIfNeeded: String {
        let plain = !isEmpty && first != " " && last != " " && unicodeScalars.allSatisfy { $0.value >= 0x20 }
        return plain ? self : debugDescription
    }
}
