import DockerfileSyntax
import Reporting

/// The warnings of a build, as they are listed at its end.
enum WarningList {
    /// The list; empty if there are no warnings. With `source`, the Dockerfile, each shows what it is about; without it has
    /// a line.
    static func text(_ diagnostics: [Diagnostic], expandedWith source: [UInt8]?) -> String {
        let warnings = diagnostics.filter { $0.severity == .warning }
        if warnings.isEmpty { return "" }
        let count = warnings.count == 1 ? "1 warning found" : "\(warnings.count) warnings found"
        let way = source == nil ? " (use --debug to expand)" : ""
        return "\n \(count)\(way):\n" + warnings.map { line($0) + (source.map(details(of: $0)) ?? "") }.joined()
    }

    private static func line(_ warning: Diagnostic) -> String {
        let place = warning.ranges.first.map { " (line \($0.start.line))" } ?? ""
        return " - " + (warning.rule.map { "\($0): " } ?? "") + warning.message + place + "\n"
    }

    private static func details(of warning: Diagnostic) -> ([UInt8]) -> String {
        { source in
            var lines = warning.rule.flatMap(LintRule.named).map { [$0.summary] } ?? []
            if let hint = warning.hint { lines.append("hint: \(hint)") }
            if let url = warning.url { lines.append("More info: \(url)") }
            if let excerpt = SourceExcerpt(of: source, file: warning.file).render(warning.ranges) {
                lines.append(excerpt)
            }
            return lines.map { $0 + "\n" }.joined() + "\n"
        }
    }
}
