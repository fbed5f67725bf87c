import DockerfileFrontend
import DockerfileSyntax
import OCISpec
import Reporting
import SocleTesting
import Testing

/// Every folder below `Tests/Golden/checks` has a Dockerfile and what the checks find in it.
///
/// A rule has a folder of its name, where it fires, and one that ends in `-fine`, where nothing does; both are the
/// examples of its page. `options.txt` and `bases.json` are those of `FrontendGoldenTests`, and `absent REFERENCE` names
/// an image that nobody has; `dockerignore` is the context's ignore file. Without a target all stages are looked at.
@Suite struct CheckGoldenTests {
    @Test(arguments: Golden.cases("checks"))
    func findings(_ name: String) throws {
        let bytes = try #require(try Golden.bytes("checks/\(name)/Dockerfile"))
        let found = try Self.check(bytes, name)
        let excerpt = SourceExcerpt(of: bytes)
        let text = found.map { diagnostic in
            let place = diagnostic.ranges.first.map { "line \($0.start.line): " } ?? ""
            let head = diagnostic.severity == .error ? "ERROR" : diagnostic.rule ?? "-"
            return
                ([head, place + diagnostic.message] + [diagnostic.hint.map { "hint: \($0)" }].compactMap { $0 }
                + [excerpt.render(diagnostic.ranges)].compactMap { $0 }).joined(separator: "\n") + "\n"
        }
        try Golden.expect(text.joined(separator: "\n"), "checks/\(name)/findings.txt")
        if name.hasSuffix("-fine") { #expect(found.isEmpty, "a fine example has no findings") }
    }

    @Test(arguments: LintRule.all)
    func everyRuleHasBothExamples(_ rule: LintRule) throws {
        let bad = try #require(try Golden.bytes("checks/\(rule.kebabName)/Dockerfile"))
        #expect(try Self.check(bad, rule.kebabName).contains { $0.rule == rule.name })
        _ = try #require(try Golden.bytes("checks/\(rule.kebabName)-fine/Dockerfile"))
    }

    @Test func thereAreTwentyTwoRules() {
        #expect(LintRule.all.count == 22)
        #expect(Set(LintRule.all.map(\.name)).count == 22)
    }

    /// What `build --check` would find.
    static func check(_ bytes: [UInt8], _ name: String) throws -> [Diagnostic] {
        let lines = try Golden.text("checks/\(name)/options.txt") ?? ""
        let absent = lines.split(separator: "\n").filter { $0.hasPrefix("absent ") }.map { String($0.dropFirst(7)) }
        let known = lines.split(separator: "\n").filter { !$0.hasPrefix("absent ") }.joined(separator: "\n")
        var options = try FrontendGoldenTests.options(known)
        options.plansAllStages = options.target == nil
        do {
            if let ignored = try Golden.bytes("checks/\(name)/dockerignore") {
                options.ignored = try IgnorePatterns(parsing: ignored)
            }
            let checks = try options.buildArguments[CheckSettings.argumentName].map { try CheckSettings(parsing: $0) }
            let dockerfile = try Dockerfile(parsing: bytes, checks: checks)
            let survey = try Frontend.survey(dockerfile, options)
            return try FrontendGoldenTests.lower(
                survey,
                known: try FrontendGoldenTests.bases("checks/\(name)"),
                absent: Set(absent)
            ).warnings
        } catch let error as DiagnosticsError {
            return error.diagnostics
        }
    }
}
