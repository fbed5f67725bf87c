public import Reporting

/// What an ignore file says: which paths of a context are left out.
///
/// Every pattern is anchored at the top of the context, the last one that applies to a path decides, and a pattern that
/// applies to a directory applies to all below it.
public struct IgnorePatterns: Hashable, Sendable {
    /// One line of an ignore file.
    public struct Rule: Hashable, Sendable {
        /// The pattern, cleaned, without the `!`.
        public var pattern: String
        /// `!`: paths are taken back in.
        public var isException: Bool
        /// The line of the file, from 1; 0 where there is no file.
        public var line: Int
        var matcher: PathPattern
    }

    /// What the patterns say of a path.
    public struct Match: Hashable, Sendable {
        public var isIgnored: Bool
        /// The rule that decided; nil where none applied.
        public var rule: Rule?
    }

    public private(set) var rules: [Rule] = []

    /// No more than this is read of an ignore file.
    public static let maximumSize = 4 << 20

    /// No patterns: nothing is left out.
    public init() {}

    /// Reads an ignore file.
    public init(parsing bytes: [UInt8], file: String = ".dockerignore") throws(DiagnosticsError) {
        guard bytes.count <= Self.maximumSize else {
            throw DiagnosticsError([
                Diagnostic(.error, "\(file) is larger than the limit of \(Self.maximumSize) bytes", file: file)
            ])
        }
        let lines = SourceLines(bytes)
        var errors: [Diagnostic] = []
        for index in 0..<lines.count {
            let line = lines.content(index)
            guard line.first != ASCII.hash else { continue }
            do {
                try add(line.text, line: index + 1)
            } catch {
                let place = SourcePosition(line: index + 1)
                errors.append(
                    Diagnostic(
                        .error,
                        error.description,
                        file: file,
                        ranges: [SourceRange(start: place, end: place)]
                    )
                )
            }
        }
        guard errors.isEmpty else { throw DiagnosticsError(errors) }
    }

    /// Patterns from elsewhere, such as `--exclude`.
    public init(_ patterns: [String]) throws(PlainFailure) {
        for pattern in patterns { try add(pattern, line: 0) }
    }

    private mutating func add(_ text: String, line: Int) throws(PlainFailure) {
        var pattern = text.trimmed
        guard !pattern.isEmpty else { return }
        let isException = pattern.hasPrefix("!")
        if isException { pattern = String(pattern.dropFirst()).trimmed }
        guard !pattern.isEmpty else { throw PlainFailure(.invalidArgument, "illegal exclusion pattern: \"!\"") }
        pattern = CleanPath.clean(pattern)
        if pattern.hasPrefix("/"), pattern != "/" { pattern.removeFirst() }
        do {
            let matcher = try PathPattern(pattern, crossing: true)
            rules.append(Rule(pattern: pattern, isException: isException, line: line, matcher: matcher))
        } catch {
            throw PlainFailure(.invalidArgument, error.description)
        }
    }

    /// Whether any rule takes paths back in.
    public var hasExceptions: Bool { rules.contains(where: \.isException) }

    /// What is said of a path, relative to the top, without a slash at the end.
    public func match(_ path: String) -> Match {
        var match = Match(isIgnored: false)
        guard !rules.isEmpty else { return match }
        let text = Array(path.unicodeScalars)
        for rule in rules where rule.isException == match.isIgnored {
            // A rule for a directory is a rule for what is in it.
            guard rule.matcher.matchesPathOrParent(text) else { continue }
            match = Match(isIgnored: !rule.isException, rule: rule)
        }
        return match
    }

    /// Whether something below an ignored directory may be taken back in; if not, nobody needs to look there.
    public func mayReinclude(below directory: String) -> Bool {
        let wanted = directory.split(separator: "/").map { Array($0.unicodeScalars) }
        return rules.contains { $0.isException && $0.mayMatch(below: wanted) }
    }
}

extension IgnorePatterns.Rule {
    /// Whether a path below the directory with these components could match though the directory doesn't.
    fileprivate func mayMatch(below directory: [[Unicode.Scalar]]) -> Bool {
        let parts = pattern.split(separator: "/").map(String.init)
        for (index, name) in directory.enumerated() {
            guard index < parts.count else { return false }
            guard !parts[index].contains("**") else { return true }
            // What can't be judged component by component may match.
            guard let component = try? PathPattern(parts[index], crossing: false) else { return true }
            guard component.matches(name) else { return false }
        }
        return parts.count > directory.count
    }
}
