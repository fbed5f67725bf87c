import DockerfileSyntax
import Reporting
import Testing

@Suite struct IgnorePatternsTests {
    private static let files = [
        "#hash", ".hidden", "README.md", "[x]", "a.log", "a/1.txt", "a/b/2.txt", "a/b/c/3.md", "b.log",
        "docs/README.md", "docs/en/deep/x.md", "docs/en/guide.md", "foo/bar/keep", "foo/bar/y", "foo/x", "keep.log",
        "sp ace/f", "src/foo/q", "src/main.c", "xfoo/z",
    ]

    /// What Docker leaves out of a context with these files.
    @Test(arguments: [
        ("**/foo", ["foo/bar/keep", "foo/bar/y", "foo/x", "src/foo/q"]),
        ("**foo", ["foo/bar/keep", "foo/bar/y", "foo/x", "src/foo/q", "xfoo/z"]),
        ("foo\n!foo/bar/keep", ["foo/bar/y", "foo/x"]),
        ("*.log\n!keep.log", ["a.log", "b.log"]),
        ("/a/./b/../b/", ["a/b/2.txt", "a/b/c/3.md"]),
        ("d*s\n!docs/en\ndocs/en/deep", ["docs/README.md", "docs/en/deep/x.md"]),
        ("#hash\n \\#hash", ["#hash"]),
        ("\\[x\\]", ["[x]"]), ("[!a].log", ["a.log"]), ("[^a].log", ["b.log"]), ("[a-b].log", ["a.log", "b.log"]),
        ("a/**", ["a/1.txt", "a/b/2.txt", "a/b/c/3.md"]),
        ("?.log", ["a.log", "b.log"]), ("sp ace", ["sp ace/f"]), ("  sp ace  ", ["sp ace/f"]),
        ("docs\n!docs/en/**", ["docs/README.md"]), ("a/*/c", ["a/b/c/3.md"]),
        ("**/*.md\n!README.md", ["a/b/c/3.md", "docs/README.md", "docs/en/deep/x.md", "docs/en/guide.md"]),
        ("foo/**/keep", ["foo/bar/keep"]), ("**/b/**", ["a/b/2.txt", "a/b/c/3.md"]), (".", []), ("", []),
        (
            "*/*/*",
            [
                "a/b/2.txt", "a/b/c/3.md", "docs/en/deep/x.md", "docs/en/guide.md", "foo/bar/keep", "foo/bar/y",
                "src/foo/q",
            ]
        ),
        ("\u{FEFF}a.log\r\nb.log\r\n", ["a.log", "b.log"]), ("..//foo/../foo", []), ("foo/../a.log", ["a.log"]),
    ])
    func leavesOut(_ text: String, _ ignored: [String]) throws {
        let patterns = try IgnorePatterns(parsing: Array(text.utf8))
        #expect(Self.files.filter { patterns.match($0).isIgnored } == ignored)
    }

    @Test func exceptionsTakeBackIn() throws {
        let patterns = try IgnorePatterns(parsing: Array("*\n!docs/**/*.md\n!a/b\n".utf8))
        #expect(
            Self.files.filter { !patterns.match($0).isIgnored }
                == ["a/b/2.txt", "a/b/c/3.md", "docs/README.md", "docs/en/deep/x.md", "docs/en/guide.md"]
        )
        #expect(patterns.hasExceptions)
    }

    @Test func saysWhichRuleDecided() throws {
        let patterns = try IgnorePatterns(parsing: Array("# comment\n*.log\n\n!keep.log\n".utf8))
        #expect(patterns.match("a.log").rule?.line == 2)
        #expect(patterns.match("a.log").rule?.pattern == "*.log")
        let kept = patterns.match("keep.log")
        #expect(!kept.isIgnored && kept.rule?.isException == true && kept.rule?.line == 4)
        #expect(patterns.match("README").rule == nil)
    }

    @Test func knowsWhereNobodyNeedsToLook() throws {
        let patterns = try IgnorePatterns(["*", "!docs/en/*.md", "!a*/x", "!src"])
        #expect(patterns.mayReinclude(below: "docs"))
        #expect(patterns.mayReinclude(below: "docs/en"))
        #expect(!patterns.mayReinclude(below: "docs/fr"))
        #expect(!patterns.mayReinclude(below: "docs/en/deep"))
        #expect(patterns.mayReinclude(below: "abc"))
        #expect(!patterns.mayReinclude(below: "node_modules"))
        #expect(!patterns.mayReinclude(below: "src"))
        #expect(try IgnorePatterns(["*", "!**/main.c"]).mayReinclude(below: "any/where"))
        #expect(try !IgnorePatterns(["*", "!docs/**/x"]).mayReinclude(below: "other"))
        #expect(try !IgnorePatterns(["node_modules"]).mayReinclude(below: "node_modules"))
    }

    @Test func whatIsNoPatternIsRefusedWithItsLine() {
        let error = #expect(throws: DiagnosticsError.self) {
            try IgnorePatterns(parsing: Array("ok\n!\n[\na[]\n[a-]\nx\\\n".utf8))
        }
        #expect(error?.diagnostics.map { $0.ranges.first?.start.line } == [2, 3, 4, 5, 6])
        #expect(error?.description == "illegal exclusion pattern: \"!\"")
    }

    @Test func hostilePatternsDontTakeLong() throws {
        let patterns = try IgnorePatterns([String(repeating: "**/*a*", count: 100) + "z"])
        let isIgnored = patterns.match(String(repeating: "aaaa/", count: 400) + "b").isIgnored
        #expect(!isIgnored)
    }
}

@Suite struct SourcePatternTests {
    @Test(arguments: [
        ("a", "a", true), ("a", "b", false), ("./a/", "a", true), ("/a", "a", true), ("../../a", "a", true),
        ("*.txt", "x.txt", true), ("*.txt", "d/x.txt", false), ("d/*.txt", "d/x.txt", true), ("*", ".hidden", true),
        ("fil[e-g]?", "filex1", false), ("fil[e-g]?", "filg1", true), ("[^a]", "b", true), ("[^a]", "a", false),
        ("a\\*b*", "a*bc", true), ("a\\*b*", "axbc", false), ("back\\slash", "back\\slash", true),
        ("*/*/c", "a/b/c", true), ("a?c", "a/c", false), ("é?", "éx", true), ("**/x", "a/b/x", false),
        ("**/x", "a/x", true),
    ])
    func matches(_ pattern: String, _ path: String, _ wanted: Bool) throws {
        #expect(try SourcePattern(pattern).matches(path) == wanted)
    }

    @Test(arguments: [
        ("**/x", "x", true), ("**/x", "a/b/x", true), ("a/**", "a/b/c", true), ("a/**/z", "a/z", true),
        ("a/**/z", "a/b/c", false), ("**", "anything/at/all", true),
    ])
    func crossesDirectoriesWhereAsked(_ pattern: String, _ path: String, _ wanted: Bool) throws {
        #expect(try SourcePattern(pattern, crossing: true).matches(path) == wanted)
    }

    @Test func knowsItsParts() throws {
        let pattern = try SourcePattern("src/*.c")
        #expect(pattern.components.first == .name("src"))
        #expect(pattern.components.count == 2 && pattern.hasWildcards && !pattern.hasTrailingSlash)
        let plain = try SourcePattern("dir/")
        #expect(!plain.hasWildcards && plain.hasTrailingSlash && plain.components == [.name("dir")])
        #expect(try SourcePattern(".").components.isEmpty)
        #expect(throws: PatternError.self) { try SourcePattern("[a") }
        #expect(throws: PatternError.self) { try SourcePattern("*\\") }
    }

    @Test func manyOpenDirectoriesDontTakeLong() throws {
        let pattern = try SourcePattern(String(repeating: "**/a/", count: 200) + "b", crossing: true)
        #expect(!pattern.matches(String(repeating: "a/", count: 1000) + "c"))
    }
}
