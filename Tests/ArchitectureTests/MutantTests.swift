import LinuxSystem
import SystemPackage
import Testing

/// The mutants of `scripts/mutants` fit the code that they change: running them takes long, and nobody shall find out then.
@Suite struct MutantTests {
    private static let folder = "Tests/Mutants"

    private struct Mutant {
        var name: String
        var tests: [String] = []
        /// What the patch looks for in each file.
        var blocks: [(file: String, lines: [Substring])] = []

        init(_ name: String, _ text: String) {
            self.name = name
            var file = ""
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                if line.hasPrefix("Test: ") {
                    tests.append(String(line.dropFirst(6)))
                } else if line.hasPrefix("--- a/") {
                    file = String(line.dropFirst(6))
                } else if line.hasPrefix("@@") {
                    blocks.append((file, []))
                } else if line.hasPrefix("-") || line.hasPrefix(" "), !file.isEmpty {
                    blocks[blocks.count - 1].lines.append(line.dropFirst())
                }
            }
        }
    }

    private static func mutants() throws -> [Mutant] {
        let directory = try Directory.open(Repository.top.appending(folder))
        return try directory.entries().sorted { $0.name < $1.name }.map { entry in
            let text = String(decoding: try directory.readFile(entry.name, limit: 1 << 20) ?? [], as: UTF8.self)
            return Mutant(String(entry.name.description.dropLast(".patch".count)), text)
        }
    }

    private static func text(_ path: String) throws -> String {
        let bytes = try Directory.open(Repository.top).readFile(PathBytes(path), limit: 4 << 20)
        return String(decoding: bytes ?? [], as: UTF8.self)
    }

    @Test func everyMutantFitsTheCode() throws {
        let mutants = try Self.mutants()
        #expect(!mutants.isEmpty)
        for mutant in mutants {
            #expect(!mutant.blocks.isEmpty, "\(mutant.name) changes nothing")
            for (file, lines) in mutant.blocks {
                let code = "\n" + (try Self.text(file)) + "\n"
                #expect(code.contains("\n" + lines.joined(separator: "\n") + "\n"), "\(mutant.name): \(file) has changed")
            }
        }
    }

    @Test func everyMutantHasItsTestAndIsListed() throws {
        let tests = try Repository.swiftFiles(below: "Tests")
        let document = try Self.text("docs/security.md")
        for mutant in try Self.mutants() {
            #expect(document.contains("`\(mutant.name)`"), "docs/security.md doesn't list \(mutant.name)")
            #expect(!mutant.tests.isEmpty, "\(mutant.name) names no test")
            for test in mutant.tests {
                let parts = test.split(separator: "/")
                let suite = parts[0].split(separator: ".").last ?? ""
                let isThere = tests.contains { file in
                    file.lines.contains { $0.contains("func \(parts.last ?? "")(") }
                        && file.lines.contains { $0.contains(" \(suite)") }
                }
                #expect(isThere, "\(mutant.name): there is no \(test)")
            }
        }
    }
}
