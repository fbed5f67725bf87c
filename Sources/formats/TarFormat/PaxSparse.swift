/// What the `GNU.sparse.*` records of one entry say. Version 0.0 repeats a record per piece, 0.1 has one list, 1.0 has
/// the list at the start of the body.
struct PaxSparse {
    static let prefix = "GNU.sparse."

    var name: [UInt8]?
    /// How long the file is: `size` in versions 0.x, `realsize` in 1.0.
    private var size: Int64?
    private var realSize: Int64?
    private var major: Int64?
    private var minor: Int64?
    private var count: Int64?
    /// Offsets and lengths in turn, of versions 0.x.
    private var numbers: [Int64] = []
    private var isPresent = false

    /// Where the map of the pieces is.
    enum Map {
        case segments([TarEntry.SparseSegment])
        case inBody
    }

    /// The length of the file and its map; nil when the entry is not sparse.
    func description() throws(PaxRecords.Problem) -> (size: Int64?, map: Map)? {
        if !isPresent { return nil }
        switch (major, minor) {
        case (1, 0): return (realSize ?? size, .inBody)
        case (nil, nil), (0, 0), (0, 1):
            // Only a map makes a file sparse; other tools leave single records behind.
            if numbers.isEmpty, count ?? 0 == 0, major == nil, size == nil { return nil }
            guard numbers.count % 2 == 0, count.map({ $0 == numbers.count / 2 }) ?? true else {
                throw .invalid("the list of a sparse file's pieces is incomplete")
            }
            let segments = stride(from: 0, to: numbers.count, by: 2).map {
                TarEntry.SparseSegment(offset: numbers[$0], length: numbers[$0 + 1])
            }
            return (size ?? realSize, .segments(segments))
        default: throw .invalid("unknown version \(major ?? 0).\(minor ?? 0) of a sparse file")
        }
    }

    /// Takes one record.
    mutating func set(_ key: String, _ value: ArraySlice<UInt8>, limits: TarLimits) throws(PaxRecords.Problem) {
        isPresent = true
        switch key.dropFirst(Self.prefix.count) {
        case "name": name = try PaxRecords.name(value, key)
        case "size": size = try number(value, key)
        case "realsize": realSize = try number(value, key)
        case "major": major = try number(value, key)
        case "minor": minor = try number(value, key)
        case "numblocks": count = try number(value, key)
        case "offset":
            if numbers.count % 2 != 0 { throw .invalid("two \"\(key)\" follow each other") }
            try append(value, key, limits)
        case "numbytes":
            if numbers.count % 2 == 0 { throw .invalid("\"\(key)\" without an offset before it") }
            try append(value, key, limits)
        case "map":
            numbers = []
            if value.isEmpty { return }
            for item in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                try append(item, key, limits)
            }
        default: break
        }
    }

    private mutating func append(
        _ value: ArraySlice<UInt8>,
        _ key: String,
        _ limits: TarLimits
    ) throws(PaxRecords.Problem) {
        if numbers.count >= 2 * limits.sparseSegments {
            throw .tooLarge(
                what: "the number of a sparse file's pieces",
                count: numbers.count / 2 + 1,
                limit: limits.sparseSegments
            )
        }
        numbers.append(try number(value, key))
    }

    private func number(_ value: ArraySlice<UInt8>, _ key: String) throws(PaxRecords.Problem) -> Int64 {
        guard let number = TarField.decimal(value) else { throw .invalid("\"\(key)\" is not a valid number") }
        return number
    }
}
