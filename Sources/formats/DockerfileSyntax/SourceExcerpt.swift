public import Reporting

/// The lines around a place in a file, as a build's error shows them.
public struct SourceExcerpt: Sendable {
    private let lines: SourceLines
    private let file: String

    public init(of bytes: [UInt8], file: String = "Dockerfile") {
        lines = SourceLines(bytes)
        self.file = file
    }

    /// The frame for a range: the file and line, and the lines with those of the range marked; nil if it isn't in the file.
    public func render(_ ranges: [SourceRange]) -> String? {
        guard let first = ranges.map(\.start.line).min(), first >= 1, first <= lines.count else { return nil }
        let marked = Set(ranges.flatMap { Array($0.start.line...max($0.start.line, $0.end.line)) })
        guard let last = marked.max() else { return nil }
        // Two lines of surroundings for one line; what has several lines needs fewer.
        let margin = first == last ? 2 : 1
        let end = min(lines.count, last + margin)
        let rule = "--------------------"
        var rendered = ["\(file):\(first)", rule]
        for number in max(1, first - margin)...max(end, first) {
            let padded = String(repeating: " ", count: max(0, 4 - String(number).count)) + String(number)
            let mark = marked.contains(number) ? ">>>" : "   "
            rendered.append("\(padded) | \(mark) \(Self.printable(lines.content(number - 1)))")
        }
        return (rendered + [rule]).joined(separator: "\n")
    }

    /// Text that a terminal takes for text.
    private static func printable(_ line: ArraySlice<UInt8>) -> String {
        String(
            String.UnicodeScalarView(
                line.text.unicodeScalars.map { scalar in
                    scalar == "\t" || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
                        ? scalar : "\u{FFFD}"
                }
            )
        )
    }
}
