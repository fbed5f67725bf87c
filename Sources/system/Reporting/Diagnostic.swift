/// A place in a text file: lines and columns count from 1, columns count bytes.
public struct SourcePosition: Hashable, Sendable, Comparable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int = 1) {
        self.line = line
        self.column = column
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// From the first to just past the last position of something in a text file.
public struct SourceRange: Hashable, Sendable {
    public var start: SourcePosition
    public var end: SourcePosition

    public init(start: SourcePosition, end: SourcePosition) {
        self.start = start
        self.end = end
    }
}

/// Something to say about a text file, at a place in it.
public struct Diagnostic: Sendable, Hashable {
    public enum Severity: String, Sendable { case error, warning }

    public var severity: Severity
    /// The rule that fired (`JSONArgsRecommended`), or nil for an error of the language.
    public var rule: String?
    public var message: String
    /// The file's name as the user knows it.
    public var file: String
    public var ranges: [SourceRange]
    public var hint: String?
    public var url: String?

    public init(
        _ severity: Severity,
        rule: String? = nil,
        _ message: String,
        file: String = "Dockerfile",
        ranges: [SourceRange] = [],
        hint: String? = nil,
        url: String? = nil
    ) {
        self.severity = severity
        self.rule = rule
        self.message = message
        self.file = file
        self.ranges = ranges
        self.hint = hint
        self.url = url
    }
}

extension [Diagnostic] {
    /// In the order of the file; what is said of one place keeps its order.
    public var sortedByPlace: [Diagnostic] {
        enumerated().sorted {
            let left = ($0.element.ranges.first?.start.line ?? 0, $0.offset)
            return left < ($1.element.ranges.first?.start.line ?? 0, $1.offset)
        }.map(\.element)
    }
}
