public import Reporting

/// What `# check=` says: `skip=RuleA,RuleB;error=true;experimental=all`.
public struct CheckSettings: Hashable, Sendable {
    /// The rules that don't speak; `all` is every rule that isn't experimental.
    public var skipped: Set<String> = []
    /// The experimental rules that speak; `all` is every one.
    public var experimental: Set<String> = []
    /// Whether a finding makes the build fail.
    public var isError = false

    /// The build argument that is heard instead of the file's directive.
    public static let argumentName = "BUILDKIT_DOCKERFILE_CHECK"

    public init() {}

    /// Reads settings.
    public init(parsing text: String) throws(PlainFailure) {
        for part in text.split(separator: ";").map({ String($0).trimmed }) where !part.isEmpty {
            guard let equals = part.firstIndex(of: "=") else { throw Self.invalid(part) }
            let name = String(part[..<equals]).trimmed
            let value = String(part[part.index(after: equals)...]).trimmed
            let names = Set(value.split(separator: ",").map { String($0).trimmed })
            switch name {
            case "skip": skipped = names
            case "experimental": experimental = names
            case "error":
                guard let truth = Self.truths[value] else {
                    throw PlainFailure(
                        .invalidArgument,
                        "failed to parse check options: failed to parse check option \(part.goQuoted): "
                            + "\(value.goQuoted) is neither true nor false"
                    )
                }
                isError = truth
            default: throw Self.invalid(name)
            }
        }
    }

    /// Go's words for truth.
    private static let truths: [String: Bool] = [
        "1": true, "t": true, "T": true, "true": true, "TRUE": true, "True": true,
        "0": false, "f": false, "F": false, "false": false, "FALSE": false, "False": false,
    ]

    private static func invalid(_ option: String) -> PlainFailure {
        let near = Suggestion.nearest(to: option, among: ["skip", "error", "experimental"])
        return PlainFailure(
            .invalidArgument,
            "failed to parse check options: invalid check option \(option.goQuoted)"
                + (near.map { " (did you mean \($0)?)" } ?? ""),
            hint: "the options are skip=RULE,…, error=true and experimental=RULE,…, with semicolons between them"
        )
    }

    /// Whether findings of a rule are told. `skip=all` leaves experimental rules alone: those have to be asked for.
    public func allows(_ rule: LintRule) -> Bool {
        rule.isExperimental
            ? experimental.contains("all") || experimental.contains(rule.name)
            : !skipped.contains("all") && !skipped.contains(rule.name)
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
    /// The findings that nobody switched off, for the file or at their instruction.
    public func allowed(_ findings: [Diagnostic]) -> [Diagnostic] {
        let skipped = allInstructions.map { ($0.range, $0.skippedRules) }.filter { !$0.1.isEmpty }
        return findings.filter { finding in
            guard let name = finding.rule else { return true }
            guard let rule = LintRule.named(name), checks.allows(rule) else { return false }
            let line = finding.ranges.first?.start.line ?? 0
            return !skipped.contains { range, rules in
                (range.start.line...range.end.line).contains(line) && (rules.contains(name) || rules.contains("all"))
            }
        }
    }

    /// Every instruction in the order of the file.
    public var allInstructions: [Instruction] {
        globalArguments + stages.flatMap { [$0.instruction] + $0.instructions }
    }
}
