import SocleTesting
import Testing

/// What the tests of this module keep below `Tests/Golden`.
enum GoldenFile {
    /// The lines of a table, without comments, split at tabs.
    static func table(_ name: String) throws -> [[String]] {
        try #require(try Golden.text(name)).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// A document without the line feed that ends the file.
    static func document(_ name: String) throws -> [UInt8] {
        let all = try #require(try Golden.bytes(name))
        return all.last == 0x0a ? all.dropLast() : all
    }
}
