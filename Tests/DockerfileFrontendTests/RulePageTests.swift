import DockerfileSyntax
import Reporting
import SocleTesting
import Testing

/// `docs/rules` has a page for every rule, written from the rule table and from the golden cases, which are its examples.
@Suite struct RulePageTests {
    @Test(arguments: LintRule.all)
    func page(_ rule: LintRule) throws {
        let folder = "checks/\(rule.kebabName)"
        let bad = try #require(try Golden.text("\(folder)/Dockerfile"))
        let good = try #require(try Golden.text("\(folder)-fine/Dockerfile"))
        let messages = try CheckGoldenTests.check(Array(bad.utf8), rule.kebabName).filter { $0.rule == rule.name }
        var text = "# \(rule.name)\n\n\(rule.summary)\n\n\(rule.explanation)\n"
        text += "\n## What it says\n\n```text\n\(messages.map(\.message).joined(separator: "\n"))\n```\n"
        if let ignored = try Golden.text("\(folder)/dockerignore") {
            text += "\n## The ignore file of the examples\n\n```text\n\(ignored)```\n"
        }
        text += "\n## What it speaks of\n\n```dockerfile\n\(bad)```\n\n## What is fine\n\n```dockerfile\n\(good)```\n"
        if let url = rule.url { text += "\nDocker's page: <\(url)>\n" }
        try Golden.expect(text, "../../docs/rules/\(rule.kebabName).md")
    }

    @Test func index() throws {
        let rows = LintRule.all.map { rule in
            let mark = rule.isExperimental ? " (experimental)" : ""
            return "| [\(rule.name)](\(rule.kebabName).md)\(mark) | \(rule.summary) |\n"
        }
        let text = """
            # Build checks

            `socle build --check .` looks at a Dockerfile and builds nothing; a build lists at its end what the checks
            found. Without `--target` a check looks at all stages. It ends with status 1 when something was found;
            `--call=check,format=json` writes the findings for programs.

            - `# check=skip=RuleA,RuleB` at the top of the file switches rules off, `# check=skip=all` all of them. The same
              directly above an instruction counts for that instruction.
            - `# check=error=true` makes a build fail when something was found.
            - `# check=experimental=Rule` or `=all` switches experimental rules on.
            - Several of them stand on one line with semicolons between; `--build-arg BUILDKIT_DOCKERFILE_CHECK=…` is heard
              instead of the file.

            | rule | what it is about |
            |---|---|
            \(rows.joined())
            """
        try Golden.expect(text, "../../docs/rules/README.md")
    }
}
