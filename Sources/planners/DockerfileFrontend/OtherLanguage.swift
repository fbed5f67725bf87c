import DockerfileSyntax
import OCISpec
package import Reporting

/// A build file that is no Dockerfile and says which frontend reads it: in a comment of another kind (`//syntax=…`), or as the
/// member `syntax` of a JSON object.
package enum OtherLanguage {
    /// What is wrong with such a file; nil for one that says nothing of the kind, or asks for the frontend of Dockerfiles.
    package static func refusal(of bytes: [UInt8], file: String) -> Diagnostic? {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard let (name, line) = comment(text) ?? member(text) else { return nil }
        return SyntaxRequest(
            text: name,
            range: SourceRange(start: SourcePosition(line: line), end: SourcePosition(line: line))
        ).refusal(file: file)
    }

    /// The first line, or the one behind a line for the kernel (`#!`).
    private static func comment(_ text: ArraySlice<UInt8>) -> (String, Int)? {
        var lines = text.prefix(65_536).split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        var number = 1
        if lines.first?.starts(with: "#!".utf8) == true {
            lines.removeFirst()
            number += 1
        }
        guard let line = lines.first.map({ String(decoding: $0, as: UTF8.self) }), line.hasPrefix("//"),
            let equals = line.firstIndex(of: "=")
        else { return nil }
        let key = line[line.index(line.startIndex, offsetBy: 2)..<equals].filter { !$0.isWhitespace }.lowercased()
        let value = line[line.index(after: equals)...].split(whereSeparator: \.isWhitespace).first
        guard key == "syntax", let value else { return nil }
        return (String(value), number)
    }

    private static func member(_ text: ArraySlice<UInt8>) -> (String, Int)? {
        guard text.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }) == UInt8(ascii: "{"),
            let name = (try? JSONValue(parsing: Array(text)))?["syntax"]?.text,
            let word = name.split(whereSeparator: \.isWhitespace).first
        else { return nil }
        return (String(word), 1)
    }
}
