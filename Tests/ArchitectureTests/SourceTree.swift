import LinuxSystem
import SystemPackage

/// The repository's Swift files as text, and the module table of Package.swift.
struct SourceFile: Sendable {
    /// Relative to the repository: `Sources/formats/OCISpec/Digest.swift`.
    var path: String
    var lines: [Substring]

    /// The layer's folder, or nil outside `Sources`.
    var layer: String? { components.first == "Sources" ? String(components[1]) : nil }
    /// The module's folder.
    var module: String? { components.count > 3 ? String(components[2]) : nil }
    private var components: [Substring] { path.split(separator: "/") }

    /// The modules that the file imports, with the line's number.
    var imports: [(name: String, line: Int)] {
        lines.enumerated().compactMap { index, line in
            // What is indented stands in a text, such as another language's program.
            guard line.first != " " else { return nil }
            let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
            guard let at = words.firstIndex(of: "import"), at <= 1, words.count > at + 1 else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "func", "enum", "protocol", "typealias", "var", "let"]
            let name = kinds.contains(words[at + 1]) && words.count > at + 2 ? words[at + 2] : words[at + 1]
            return (String(name.split(separator: ".")[0]), index + 1)
        }
    }
}

enum Repository {
    static let top: FilePath = {
        var path = FilePath(#filePath)
        while let last = path.lastComponent?.string, last != "Tests" { path.removeLastComponent() }
        return path.removingLastComponent()
    }()

    static func swiftFiles(below folder: String) throws -> [SourceFile] {
        var found: [SourceFile] = []
        var pending = [folder]
        while let path = pending.popLast() {
            let directory = try Directory.open(top.appending(path))
            for entry in try directory.entries() {
                let name = "\(path)/\(entry.name)"
                if entry.kind == .directory {
                    pending.append(name)
                } else if name.hasSuffix(".swift") {
                    let file = try directory.open(entry.name, flags: 0)
                    let text = String(decoding: try DescriptorIO.readAll(file.raw, limit: 4 << 20), as: UTF8.self)
                    found.append(
                        SourceFile(path: name, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
                    )
                }
            }
        }
        return found.sorted { $0.path < $1.path }
    }

    /// What each module may import, by Package.swift's own table.
    static func declaredImports() throws -> [String: Set<String>] {
        let directory = try Directory.open(top)
        let file = try directory.open("Package.swift", flags: 0)
        let text = String(decoding: try DescriptorIO.readAll(file.raw, limit: 1 << 20), as: UTF8.self)
        let products = [
            "crypto": "Crypto", "system": "SystemPackage", "nioCore": "NIOCore", "nioHTTP": "NIOHTTP1",
            "nioPosix": "NIOPosix", "nioSSL": "NIOSSL",
        ]
        var table: [String: Set<String>] = [:]
        for row in text.components(separatedBy: "    Module(").dropFirst() {
            guard let name = row.quoted(after: "name:").first else { continue }
            let packages = row.list(after: "packages:").split(separator: ",").compactMap { word in
                products[String(word.filter { $0.isLetter })]
            }
            table[name] = Set(row.list(after: "uses:").quoted(after: "") + packages)
        }
        return table
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }

    /// What stands between the brackets behind a word; empty where the word doesn't occur.
    fileprivate func list(after word: String) -> String {
        guard let start = firstRange(of: word)?.upperBound, let open = self[start...].firstIndex(of: "["),
            let close = self[open...].firstIndex(of: "]")
        else { return "" }
        return String(self[index(after: open)..<close])
    }

    /// The texts in double quotes behind a word.
    fileprivate func quoted(after word: String) -> [String] {
        guard let start = word.isEmpty ? startIndex : firstRange(of: word)?.upperBound else { return [] }
        return self[start...].split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
    }
}
