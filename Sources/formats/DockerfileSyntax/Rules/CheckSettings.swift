public import Reporting

/// What `# check=` says: `skip=RuleA,RuleB;error=true;experimental=all`.
public struct CheckSettings: Hashable, Sendable {
    /// The rules that don't speak; `all` is every rule.
    public var skipped: Set<String> = []
    /// The experimental rules that speak.
    public var experimental: Set<String> = []
    /// Whether a finding makes the build fail.
    public var isError = false

    public init() {}

    /// Reads settings.
    public init(parsing text: String) throws(PlainFailure) {
        for part in text.split(separator: ";").map({ String($0).trimmed }) where !part.isEmpty {
            guard let equals = part.firstIndex(of: "=") else {
                throw PlainFailure(.invalidArgument, "invalid check option \(part.goQuoted)")
            }
            let value = String(part[part.index(after: equals)...]).trimmed
            let names = Set(value.split(separator: ",").map { String($0).trimmed })
            switch part[..<equals].lowercased() {
            case "skip": skipped = names
            case "experimental": experimental = names
            case "error":
                guard ["true", "false", "1", "0"].contains(value.lowercased()) else {
                    throw PlainFailure(.invalidArgument, "failed to parse check option \(part.goQuoted)")
                }
                isError = ["true", "1"].contains(value.lowercased())
            default: throw PlainFailure(.invalidArgument, "invalid check option \(part.goQuoted)")
            }
        }
    }

    /// Whether findings of a rule are told.
    public func allows(_ rule: String) -> Bool {
        !skipped.contains("all") && !skipped.contains(rule)
    }
}

extension Instruction {
    /// The rules that a comment directly above switches off: `# check=skip=Rule`.
    public var skippedRules: Set<String> {
        comments.reduce(into: []) { found, comment in
            guard let equals = comment.text.firstIndex(of: "="),
                String(comment.text[..<equals]).trimmed.lowercased() == "check",
                // A comment that isn't a setting is a comment.
                let settings = try? CheckSettings(parsing: String(comment.text[comment.text.index(after: equals)...]))
            else { return }
            found.formUnion(settings.skipped)
        }
    }
}

extension Dockerfile {
    /// What the file's directive says of the checks; a directive that can't be read says nothing.
    public var checkSettings: CheckSettings {
        guard let check = directives.check, let settings = try? CheckSettings(parsing: check.text) else {
            return CheckSettings()
        }
        return settings
    }

    /// The findings that nobody switched off, for the file or at their instruction.
    public func allowed(_ findings: [Diagnostic]) -> [Diagnostic] {
        let settings = checkSettings
        let skipped = allInstructions.map { ($0.range, $0.skippedRules) }.filter { !$0.1.isEmpty }
        return findings.filter { finding in
            guard let rule = finding.rule else { return true }
            guard settings.allows(rule) else { return false }
            let line = finding.ranges.first?.start.line ?? 0
            return !skipped.contains { range, rules in
                (range.start.line...range.end.line).contains(line) && (rules.contains(rule) || rules.contains("all"))
            }
        }
    }

    /// Every instruction in the order of the file.
    public var allInstructions: [Instruction] {
        globalArguments + stages.flatMap { [$0.instruction] + $0.instructions }
    }
}
