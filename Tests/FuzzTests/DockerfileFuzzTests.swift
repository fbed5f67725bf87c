import DockerfileSyntax
import Reporting
import SocleTesting
import Testing

/// Dockerfiles and ignore files from outside: nothing may trap or run away, and whatever is wrong has a place.
@Suite struct DockerfileFuzzTests {
    private static func seeds() -> [[UInt8]] {
        Golden.cases("dockerfile").compactMap { try? Golden.bytes("dockerfile/\($0)/Dockerfile") }.filter {
            $0.count < 8192
        }
    }

    @Test func dockerfilesAreReadOrRefused() throws {
        let seeds = Self.seeds()
        #expect(seeds.count >= 60)
        var mutator = SpecMutator(seed: 0x5eed_0021)
        for _ in 0..<SpecMutator.iterations {
            let bytes = mutator.mutated(seeds)
            let excerpt = SourceExcerpt(of: bytes)
            do {
                let dockerfile = try Dockerfile(parsing: bytes)
                #expect(!dockerfile.description.isEmpty)
                for instruction in dockerfile.allInstructions {
                    #expect(excerpt.render([instruction.range]) != nil, "an instruction stands in its file")
                    Self.expandAll(instruction)
                }
            } catch {
                #expect(error.diagnostics.contains { $0.severity == .error })
                for diagnostic in error.diagnostics where !diagnostic.ranges.isEmpty {
                    #expect(excerpt.render(diagnostic.ranges) != nil, "an error stands in its file")
                }
            }
        }
    }

    /// Every word of an instruction, with variables that make more of themselves.
    private static func expandAll(_ instruction: Instruction) {
        let variables = ["A": "$A${A}", "PATH": "/a/b:/c", "V": "a b", "X": ""]
        let text = try? WordExpander().expand(instruction.text) { variables[$0] }
        #expect((text?.text.utf8.count ?? 0) <= 1 << 22)
        _ = try? WordExpander.body().expand(instruction.text) { variables[$0] }
        switch instruction.kind {
        case .run(let run):
            for mount in run.mounts { _ = try? MountOptions(parsing: mount.text, expand: { $0 }) }
            _ = run.mountSources
        case .expose(let words):
            for word in words { _ = try? PortSpecification(word.text) }
        case .copy(let copy), .add(let copy):
            for source in copy.sources {
                let pattern = try? SourcePattern(source.text, crossing: copy.options.parents)
                _ = pattern?.matches("a/b/c")
            }
        default: break
        }
    }

    @Test func ignoreFilesAreReadOrRefused() throws {
        let seeds = ["*\n!docs/**/*.md\n", "**/foo\n[a-z]?\\*\n# c\n", "a/**/b\n!a/x\n../..//c/\n"].map {
            Array($0.utf8)
        }
        var mutator = SpecMutator(seed: 0x5eed_0022)
        for _ in 0..<SpecMutator.iterations {
            guard let patterns = try? IgnorePatterns(parsing: mutator.mutated(seeds)) else { continue }
            for path in ["a", "a/b", "docs/en/x.md", "foo/bar", "c"] {
                let match = patterns.match(path)
                #expect(match.rule != nil || !match.isIgnored, "somebody decided")
                // What is below an ignored directory and taken back in must have been announced.
                if match.isIgnored, !patterns.match("\(path)/x.md").isIgnored {
                    #expect(patterns.mayReinclude(below: path), "below \(path)")
                }
            }
        }
    }

    @Test func instructionsAloneAreReadOrRefused() {
        let seeds = ["CMD [\"a\", \"b\"]", "ENV A=b 'c d'=\"e\"", "HEALTHCHECK --interval=1s CMD x", "ONBUILD RUN x"]
            .map {
                Array($0.utf8)
            }
        var mutator = SpecMutator(seed: 0x5eed_0023)
        for _ in 0..<SpecMutator.iterations {
            let text = String(decoding: mutator.mutated(seeds), as: UTF8.self)
            for instruction in (try? Instruction.changes(text)) ?? [] { #expect(!instruction.description.isEmpty) }
            if let trigger = try? Instruction(trigger: text) { #expect(trigger.name != "ONBUILD") }
        }
    }
}
