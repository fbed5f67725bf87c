import Reporting

/// The checks that need nothing but the text, and are about the whole file whatever is built of it.
struct Lint {
    /// The last lines of continued instructions with lines without text inside.
    var emptyContinuations: [Int]

    func check(_ file: Dockerfile) -> [Diagnostic] {
        var findings = Findings(file: file.file)
        for line in emptyContinuations {
            let place = SourcePosition(line: line)
            findings.add(.noEmptyContinuation, "Empty continuation line", at: SourceRange(start: place, end: place))
        }
        for stage in file.stages { checkFrom(stage, of: file, &findings) }
        checkCasing(file, &findings)
        for instruction in file.allInstructions {
            checkMaintainer(instruction, &findings)
            checkDescription(instruction, &findings)
        }
        return file.allowed(findings.all).sortedByPlace
    }

    struct Findings {
        let file: String
        var all: [Diagnostic] = []

        mutating func add(_ rule: LintRule, _ message: String, at range: SourceRange) {
            all.append(rule.finding(message, at: range, file: file))
        }
    }

    /// All keywords in upper case, or all in lower case: what the majority does. ARG in front of the first FROM has no
    /// voice, and nobody minds it.
    private func checkCasing(_ file: Dockerfile, _ findings: inout Findings) {
        let instructions = file.stages.flatMap { [$0.instruction] + $0.instructions }
        let keywords = instructions.map(\.keyword.text)
        let upper = keywords.count { $0 == $0.uppercased() }
        let lower = keywords.count { $0 == $0.lowercased() }
        let wantsUpper = upper >= lower
        for instruction in instructions {
            let keyword = instruction.keyword.text
            guard keyword != (wantsUpper ? keyword.uppercased() : keyword.lowercased()) else { continue }
            findings.add(
                .consistentInstructionCasing,
                "Command '\(keyword)' should match the case of the command majority "
                    + "(\(wantsUpper ? "uppercase" : "lowercase"))",
                at: instruction.range
            )
        }
    }

    private func checkFrom(_ stage: Stage, of file: Dockerfile, _ findings: inout Findings) {
        let from = stage.from
        let range = stage.instruction.range
        guard let name = from.stageName, let lower = from.name else { return }
        if name.text != lower {
            findings.add(.stageNameCasing, "Stage name '\(name)' should be lowercase", at: range)
        }
        if let asKeyword = from.asKeyword, !Self.agree(stage.instruction.keyword.text, asKeyword.text) {
            let keywords = "'\(asKeyword)' and '\(stage.instruction.keyword)' keywords'"
            findings.add(.fromAsCasing, "\(keywords) casing do not match", at: range)
        }
        if file.stage(named: lower, before: stage.index) != nil {
            findings.add(
                .duplicateStageName,
                "Duplicate stage name \(lower.goQuoted), stage names should be unique",
                at: range
            )
        }
        if ["scratch", "context"].contains(lower) {
            findings.add(
                .reservedStageName,
                "Stage name should not use the same name as reserved stage \(lower.goQuoted)",
                at: range
            )
        }
    }

    /// Whether AS is written like FROM; a FROM in mixed case is another rule's matter.
    private static func agree(_ from: String, _ asKeyword: String) -> Bool {
        if from == from.lowercased() { return asKeyword == asKeyword.lowercased() }
        return from != from.uppercased() || asKeyword == asKeyword.uppercased()
    }

    private func checkMaintainer(_ instruction: Instruction, _ findings: inout Findings) {
        guard case .maintainer = instruction.kind else { return }
        findings.add(
            .maintainerDeprecated,
            "Maintainer instruction is deprecated in favor of using label",
            at: instruction.range
        )
    }

    /// The comment directly above a named stage or an argument says what it is for.
    private func checkDescription(_ instruction: Instruction, _ findings: inout Findings) {
        let names: [String]
        switch instruction.kind {
        case .from(let from): names = from.name.map { [$0] } ?? []
        case .arg(let assignments): names = assignments.map(\.name.text)
        default: return
        }
        guard let first = names.first, let comment = instruction.comments.last else { return }
        let word = comment.text.split(separator: " ", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        guard !names.contains(word) else { return }
        let wanted = names.count > 1 ? "<arg_key>" : first
        findings.add(
            .invalidDefinitionDescription,
            "Comment for \(instruction.name) should follow the format: `# \(wanted) <description>`",
            at: instruction.range
        )
    }
}
