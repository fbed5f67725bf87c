/// Versions of symbols, `GLIBC_2.38`.
enum SymbolVersion {
    /// The number behind a family's name.
    static func number(_ version: String, of family: String) -> String? {
        guard version.hasPrefix(family + "_") else { return nil }
        let number = version.dropFirst(family.utf8.count + 1)
        return number.first?.isNumber == true ? String(number) : nil
    }

    /// The greatest of them; with `like`, among those of that one's family. nil where there is none.
    static func newest(_ versions: [String], like example: String) -> String? {
        let family = example.prefix { $0 != "_" }
        return versions.filter { $0.hasPrefix(family + "_") && parts($0) != [] }.max { isOlder($0, $1) }
    }

    /// The greatest of some versions; empty where there are none.
    static func newest(_ versions: [String]) -> String { versions.max { isOlder($0, $1) } ?? "" }

    private static func isOlder(_ left: String, _ right: String) -> Bool {
        parts(left).lexicographicallyPrecedes(parts(right))
    }

    private static func parts(_ version: String) -> [Int] {
        version.drop { $0 != "_" }.dropFirst().split(separator: ".").compactMap { Int($0) }
    }
}
