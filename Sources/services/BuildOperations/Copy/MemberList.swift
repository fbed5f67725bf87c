import ByteStreams
import CompressionCodecs
import LinuxSystem
import OCISpec
import Reporting

/// What the members of a layer are, in order: the part of a copy's cache key that its files make.
///
/// A line a member, `path NUL value LF`, where the value says mode, owner, kind, attributes and content, and no time. The
/// key has the digest of the lines; the record keeps them too, compressed, so that a miss can be explained by file.
struct MemberList {
    private(set) var lines: [UInt8] = []

    /// No more than this is read of a record.
    private static let largest = 1 << 30

    init() {}

    /// Adds a member; the value has neither a NUL nor a line's end.
    mutating func add(_ path: [UInt8], value: (inout [UInt8]) -> Void) {
        lines += path
        lines.append(0)
        value(&lines)
        lines.append(UInt8(ascii: "\n"))
    }

    var digest: Digest { Digest.of(lines) }

    // MARK: - Keeping

    /// The lines as the store keeps them.
    func compressed() throws -> [UInt8] {
        let sink = MemorySink()
        let encoder = try Compressor.sink(.zstd, level: 1, over: sink)
        try encoder.write(lines.span)
        try encoder.finish()
        return sink.bytes
    }

    init(compressed bytes: [UInt8]) throws {
        lines = try Decompressor.source(.zstd, over: MemorySource(bytes)).readAll(limit: Self.largest)
    }

    // MARK: - Comparing

    /// A member that isn't as it was; nil where one of the two lists has no such member.
    struct Difference: Hashable {
        var path: PathBytes
        var before: String?
        var now: String?
    }

    /// Where this list differs from an earlier one, by path, at most `limit` of them; and how many there are.
    func differences(from earlier: MemberList, limit: Int = 10) -> (first: [Difference], count: Int) {
        let old = Dictionary(earlier.members) { $1 }
        let new = Dictionary(members) { $1 }
        var changed = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
        let count = changed.count
        changed.removeLast(max(0, count - limit))
        let first = changed.map { path in
            Difference(
                path: path,
                before: old[path].map { String(decoding: $0, as: UTF8.self) },
                now: new[path].map { String(decoding: $0, as: UTF8.self) }
            )
        }
        return (first, count)
    }

    private var members: [(PathBytes, ArraySlice<UInt8>)] {
        var found: [(PathBytes, ArraySlice<UInt8>)] = []
        var rest = lines[...]
        while let cut = rest.firstIndex(of: 0) {
            let end = rest[cut...].firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            found.append((PathBytes(rest[..<cut]), rest[(cut + 1)..<end]))
            rest = rest[min(end + 1, rest.endIndex)...]
        }
        return found
    }
}
