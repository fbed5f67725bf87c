import DockerfileSyntax
import Reporting
import SocleTesting
import Testing

/// Every folder below `Tests/Golden/dockerfile` has a Dockerfile and the tree that it is, or the errors in it.
@Suite struct DockerfileGoldenTests {
    @Test(arguments: Golden.cases("dockerfile"))
    func treeOrErrors(_ name: String) throws {
        let bytes = try #require(try Golden.bytes("dockerfile/\(name)/Dockerfile"))
        do {
            let dockerfile = try Dockerfile(parsing: bytes)
            try Golden.expect(dockerfile.description, "dockerfile/\(name)/ast.txt")
        } catch let error as DiagnosticsError {
            let excerpt = SourceExcerpt(of: bytes)
            let text = error.diagnostics.filter { $0.severity == .error }.map { diagnostic in
                [
                    excerpt.render(diagnostic.ranges), "ERROR: \(diagnostic.message)",
                    diagnostic.hint.map { "hint: \($0)" },
                ].compactMap { $0 }.joined(separator: "\n")
            }
            try Golden.expect(text.joined(separator: "\n\n") + "\n", "dockerfile/\(name)/error.txt")
            #expect(try Golden.text("dockerfile/\(name)/ast.txt") == nil, "what can't be read has no tree")
        }
    }

    /// The cases are a table of the language: losing one shows here.
    @Test func thereAreManyCases() {
        #expect(Golden.cases("dockerfile").count >= 60)
    }
}
