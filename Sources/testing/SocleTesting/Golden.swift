private import Glibc
private import LinuxSystem
public import SystemPackage

/// Expected texts, kept as files below `Tests/Golden`.
///
/// `UPDATE_GOLDEN=1` writes what came out instead of comparing.
public enum Golden {
    /// What came out isn't what is kept.
    public struct Mismatch: Error, CustomStringConvertible {
        /// What happened, for people.
        public let description: String
    }

    /// The folder of all golden cases, found from the path of a test's source file.
    public static func folder(_ file: StaticString = #filePath) -> FilePath {
        var path = FilePath("\(file)")
        while let last = path.lastComponent?.string, last != "Tests" { path.removeLastComponent() }
        return path.appending("Golden")
    }

    /// Compares `text` with the file `case` (`dockerfile/simple/graph.txt`) below the golden folder.
    public static func expect(_ text: String, _ name: String, file: StaticString = #filePath) throws {
        let path = folder(file).appending(name)
        if Environment.value("UPDATE_GOLDEN") == "1" { return try write(text, to: path) }
        guard let kept = try read(path) else {
            throw Mismatch(
                description: "golden case \(name) is missing (UPDATE_GOLDEN=1 writes it); came out:\n\(text)"
            )
        }
        if kept != text { throw Mismatch(description: "golden case \(name) differs:\n\(difference(kept, text))") }
    }

    /// The cases of a noun: the names of the folders and files in `Tests/Golden/<noun>`, sorted.
    ///
    /// None if there is no such folder.
    public static func cases(_ noun: String, file: StaticString = #filePath) -> [String] {
        // An argument list of a test can't throw; a missing folder shows as a test without cases.
        guard let directory = try? Directory.open(folder(file).appending(noun)) else { return [] }
        return ((try? directory.entries()) ?? []).map(\.name.description).sorted()
    }

    /// The text of a file below the golden folder; nil where there is none.
    public static func text(_ name: String, file: StaticString = #filePath) throws -> String? {
        try read(folder(file).appending(name))
    }

    /// The bytes of a file below the golden folder; nil where there is none.
    public static func bytes(_ name: String, file: StaticString = #filePath) throws -> [UInt8]? {
        try readBytes(folder(file).appending(name))
    }

    // MARK: - Files

    private static func read(_ path: FilePath) throws(SystemError) -> String? {
        try readBytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func readBytes(_ path: FilePath) throws(SystemError) -> [UInt8]? {
        guard let name = path.lastComponent?.string else { return nil }
        do throws(SystemError) {
            let file = try Directory.open(path.parent).open(PathBytes(name), flags: O_RDONLY)
            return try DescriptorIO.readAll(file.raw, limit: 64 << 20)
        } catch  where error.errno == .noSuchFileOrDirectory { return nil }
    }

    private static func write(_ text: String, to path: FilePath) throws(SystemError) {
        guard let name = path.lastComponent?.string else { return }
        let folder = try Directory.open(path.parent, create: true, mode: 0o755)
        let file = try folder.open(PathBytes(name), flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        try DescriptorIO.write(file.raw, Array(text.utf8).span)
    }

    /// The lines around the first that differ, `-` kept and `+` new.
    private static func difference(_ kept: String, _ text: String) -> String {
        let old = kept.split(separator: "\n", omittingEmptySubsequences: false)
        let new = text.split(separator: "\n", omittingEmptySubsequences: false)
        var start = 0
        while start < old.count, start < new.count, old[start] == new[start] { start += 1 }
        var ends = (old.count, new.count)
        while ends.0 > start, ends.1 > start, old[ends.0 - 1] == new[ends.1 - 1] { ends = (ends.0 - 1, ends.1 - 1) }
        let lines =
            old[max(0, start - 3)..<start].map { "  \($0)" } + old[start..<ends.0].prefix(40).map { "- \($0)" }
            + new[start..<ends.1].prefix(40).map { "+ \($0)" }
        return "line \(start + 1):\n" + lines.joined(separator: "\n")
    }
}
