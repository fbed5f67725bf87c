/// A source of COPY: a path in which `*`, `?` and `[a-z]` stand for parts of names.
public struct SourcePattern: Hashable, Sendable {
    /// One component of the path.
    public enum Component: Hashable, Sendable {
        case name(String)
        case pattern(NamePattern)
        /// `**`, which only `--parents` knows: any number of directories.
        case anyDepth
    }

    /// The components from the top of the context.
    public var components: [Component]
    /// The path as it was written.
    public var text: String
    /// Whether it ended in a slash.
    public var hasTrailingSlash: Bool

    /// Whether any name is left open.
    public var hasWildcards: Bool {
        components.contains { if case .name = $0 { false } else { true } }
    }

    /// Reads a path of COPY. It is seen from the top: `..` never leaves it.
    ///
    /// - Parameter crossing: whether `**` means any number of directories.
    public init(_ text: String, crossing: Bool = false) throws(PatternError) {
        self.text = text
        hasTrailingSlash = text.hasSuffix("/")
        let clean = CleanPath.clean("/" + text)
        components = []
        // Where nothing is left open, a backslash is a character of a name like any other.
        let isLiteral = !Self.hasWildcards(text)
        for part in clean.split(separator: "/").map(String.init) {
            if isLiteral {
                components.append(.name(part))
            } else if crossing, part == "**" {
                components.append(.anyDepth)
            } else {
                let pattern = try PathPattern(part, crossing: false)
                components.append(pattern.isText ? .name(pattern.plainText) : .pattern(NamePattern(pattern)))
            }
        }
    }

    /// Whether a text has a wildcard that isn't escaped.
    public static func hasWildcards(_ text: String) -> Bool {
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "*" || scalar == "?" || scalar == "[" {
                return true
            }
        }
        return false
    }

    /// Whether a path from the top, without slashes at its ends, is meant.
    public func matches(_ path: String) -> Bool {
        let names = path.split(separator: "/").map(String.init)
        return Self.matches(names[...], components[...])
    }

    private static func matches(_ names: ArraySlice<String>, _ components: ArraySlice<Component>) -> Bool {
        // Positions rather than recursion, so that many `**` can't take long.
        var open: Set<Int> = [components.startIndex]
        for name in names {
            var next: Set<Int> = []
            for index in closure(open, components) where index < components.endIndex {
                switch components[index] {
                case .name(let wanted): if wanted == name { next.insert(index + 1) }
                case .pattern(let pattern): if pattern.matches(name) { next.insert(index + 1) }
                case .anyDepth: next.insert(index)
                }
            }
            open = next
        }
        return closure(open, components).contains(components.endIndex)
    }

    private static func closure(_ open: Set<Int>, _ components: ArraySlice<Component>) -> Set<Int> {
        var all = open
        for start in open {
            var index = start
            while index < components.endIndex, components[index] == .anyDepth {
                index += 1
                all.insert(index)
            }
        }
        return all
    }
}

/// One name with parts left open.
public struct NamePattern: Hashable, Sendable {
    private let pattern: PathPattern

    init(_ pattern: PathPattern) {
        self.pattern = pattern
    }

    public func matches(_ name: String) -> Bool { pattern.matches(Array(name.unicodeScalars)) }
}

extension PathPattern {
    fileprivate var plainText: String {
        var text = String.UnicodeScalarView()
        for case .text(let scalar) in tokens { text.append(scalar) }
        return String(text)
    }
}
