import Reporting

/// The lines of a Dockerfile around an error, as BuildKit draws them.
enum SourceExcerpt {
    private static let context = 2
    private static let rule = String(repeating: "-", count: 20)

    /// The excerpt for a diagnostic; nil if it has no place in the text.
    static func text(_ diagnostic: Diagnostic, in source: [UInt8]) -> String? {
        let lines = source.split(separator: 10, omittingEmptySubsequences: false).map {
            String(decoding: $0.last == 13 ? $0.dropLast() : $0, as: UTF8.self)
        }
        let marked = Set(diagnostic.ranges.flatMap { $0.start.line...max($0.start.line, $0.end.line) })
        guard let first = marked.min(), let last = marked.max(), first >= 1, first <= lines.count else { return nil }
        let shown = max(1, first - context)...min(lines.count, last + context)
        // The empty text after the last newline is no line.
        let rows = shown.filter { !($0 == lines.count && lines[$0 - 1].isEmpty && !marked.contains($0)) }.map { line in
            let number = String(repeating: " ", count: max(0, 4 - String(line).count)) + String(line)
            return "\(number) | \(marked.contains(line) ? ">>>" : "   ") \(lines[line - 1])\n"
        }
        return "\(diagnostic.file):\(first)\n\(rule)\n" + rows.joined() + "\(rule)\n"
    }

    /// The warnings of a build, as they are listed at its end; empty if there are none.
    static func warnings(_ diagnostics: [Diagnostic]) -> String {
        let warnings = diagnostics.filter { $0.severity == .warning }
        if warnings.isEmpty { return "" }
        let lines = warnings.map { warning in
            let place = warning.ranges.first.map { " (line \($0.start.line))" } ?? ""
            return " - " + (warning.rule.map { "\($0): " } ?? "") + warning.message + place + "\n"
        }
        return " \(warnings.count) warning\(warnings.count == 1 ? "" : "s") found:\n" + lines.joined()
    }
}
