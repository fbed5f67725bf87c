import LinuxSystem
import Testing

@Suite struct ArchitectureTests {
    private let files: [SourceFile]

    init() throws { files = try Repository.swiftFiles(below: "Sources") }

    /// SwiftPM lets a target import what it doesn't declare as long as something else has built it.
    @Test func everyImportIsDeclared() throws {
        let table = try Repository.declaredImports()
        #expect(table.count > 20, "the module table could not be read")
        let toolchain: Set = ["Swift", "Glibc", "Synchronization", "FoundationEssentials", "Testing"]
        for file in files {
            guard let module = file.module, let declared = table[module] else { continue }
            for (name, line) in file.imports where !declared.contains(name) && !toolchain.contains(name) {
                Issue.record("\(file.path):\(line): \(module) imports \(name) and doesn't declare it in Package.swift")
            }
        }
    }

    /// One wrong call of full Foundation adds 44 MB to the binary; Essentials is for the clock of documents.
    @Test func foundationStaysOut() {
        for file in files {
            for (name, line) in file.imports {
                #expect(name != "Foundation" && name != "Dispatch", "\(file.path):\(line)")
                if name == "FoundationEssentials" {
                    #expect(file.module == "OCISpec", "\(file.path):\(line)")
                }
            }
        }
    }

    /// Above the stores everything goes through LinuxSystem.
    @Test func systemCallsStayLow() {
        let high: Set = ["planners", "services", "engine"]
        for file in files where high.contains(file.layer ?? "") {
            for (name, line) in file.imports { #expect(name != "Glibc", "\(file.path):\(line)") }
        }
        for file in files where file.layer == "formats" {
            for (name, line) in file.imports { #expect(name != "Glibc", "\(file.path):\(line): formats are pure") }
        }
    }

    /// A module is entered by its folder's name; words that say nothing aren't names.
    @Test func namesSaySomething() {
        let empty = ["Manager", "Helper", "Utility", "Utilities", "Handler", "Impl"]
        for file in files {
            for (index, line) in file.lines.enumerated() {
                for kind in ["struct ", "class ", "enum ", "actor ", "protocol "] {
                    guard let range = line.firstRange(of: kind), !line.contains("//") else { continue }
                    let name = line[range.upperBound...].prefix { $0.isLetter || $0.isNumber }
                    for word in empty where name.hasSuffix(word) { Issue.record("\(file.path):\(index + 1): \(name)") }
                }
            }
        }
    }

    /// Tables of data may be long; everything else is cut where it has two subjects.
    @Test func filesAreSmall() {
        let tables: Set<String> = []
        for file in files where !tables.contains(file.path) {
            #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test func functionsAreSmall() {
        for file in files {
            var open: (line: Int, indent: Int)?
            for (index, line) in file.lines.enumerated() {
                let indent = line.prefix { $0 == " " }.count
                let text = line.dropFirst(indent)
                if let start = open {
                    if indent == start.indent, text.hasPrefix("}") {
                        let length = index - start.line
                        #expect(length <= 70, "\(file.path):\(start.line + 1): a function of \(length) lines")
                        open = nil
                    }
                } else if text.contains("func ") || text.hasPrefix("init(") || text.contains(" init("),
                    !text.hasPrefix("//"), !line.hasSuffix("}")
                {
                    open = (index, indent)
                }
            }
        }
    }
}
