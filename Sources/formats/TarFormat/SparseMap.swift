/// Checks and reads the maps of sparse files.
enum SparseMap {
    /// The pieces in order, without empty ones: each after the one before it, all inside the file, and together as long
    /// as what is stored.
    static func checked(
        _ segments: [TarEntry.SparseSegment],
        size: Int64,
        stored: Int64
    ) throws(PaxRecords.Problem) -> [TarEntry.SparseSegment] {
        var end: Int64 = 0
        var sum: Int64 = 0
        for segment in segments {
            guard segment.offset >= end, segment.length >= 0, segment.length <= size,
                segment.offset <= size - segment.length
            else { throw .invalid("the pieces overlap or lie outside of the file") }
            end = segment.offset + segment.length
            sum += segment.length
        }
        guard sum == stored else { throw .invalid("the pieces have \(sum) bytes, \(stored) are stored") }
        return segments.filter { $0.length > 0 }
    }
}

/// Reads the map that version 1.0 puts at the start of the body: decimal numbers, a line each; first their count.
struct SparseBodyMap {
    private var numbers: [Int64] = []
    private var expected: Int64?
    private var line: Int64 = 0
    private var hasDigit = false
    /// How many bytes of the body the map took, padding included.
    private(set) var consumed: Int64 = 0

    var isComplete: Bool { expected.map { numbers.count == 2 * $0 } ?? false }

    var segments: [TarEntry.SparseSegment] {
        stride(from: 0, to: numbers.count, by: 2).map {
            TarEntry.SparseSegment(offset: numbers[$0], length: numbers[$0 + 1])
        }
    }

    /// Takes one block of 512 bytes. What follows the last number is padding.
    mutating func take(_ block: ArraySlice<UInt8>, limits: TarLimits) throws(PaxRecords.Problem) {
        consumed += 512
        for byte in block {
            if isComplete { return }
            if byte == 0x0a {
                try endLine(limits)
                continue
            }
            let (product, overflow) = line.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(byte &- 0x30))
            guard byte &- 0x30 < 10, !overflow, !carry else { throw .invalid("the map is no list of numbers") }
            line = sum
            hasDigit = true
        }
    }

    private mutating func endLine(_ limits: TarLimits) throws(PaxRecords.Problem) {
        if !hasDigit { throw .invalid("the map is no list of numbers") }
        if expected == nil {
            if line > limits.sparseSegments {
                throw .tooLarge(
                    what: "the number of a sparse file's pieces",
                    count: Int(line),
                    limit: limits.sparseSegments
                )
            }
            expected = line
        } else {
            numbers.append(line)
        }
        line = 0
        hasDigit = false
    }
}
