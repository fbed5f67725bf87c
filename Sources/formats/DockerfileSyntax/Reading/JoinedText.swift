import Reporting

/// The text of one instruction, joined from its lines, with the way back to them.
struct JoinedText: Sendable {
    /// Text from `offset` on stands at `position` in the file.
    private struct Segment: Sendable {
        var offset: Int
        var position: SourcePosition
    }

    private(set) var bytes: [UInt8] = []
    private var segments: [Segment] = []

    mutating func append(_ piece: ArraySlice<UInt8>, at position: SourcePosition) {
        segments.append(Segment(offset: bytes.count, position: position))
        bytes += piece
    }

    /// Where the byte at `offset` stands; the end of the text for offsets past it.
    func position(of offset: Int) -> SourcePosition {
        guard let first = segments.first else { return SourcePosition(line: 1) }
        var low = 0
        var high = segments.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if segments[middle].offset <= offset { low = middle } else { high = middle }
        }
        let found = low == 0 ? first : segments[low]
        return SourcePosition(line: found.position.line, column: found.position.column + offset - found.offset)
    }

    func range(of offsets: Range<Int>) -> SourceRange {
        let start = position(of: offsets.lowerBound)
        guard !offsets.isEmpty else { return SourceRange(start: start, end: start) }
        var end = position(of: offsets.upperBound - 1)
        end.column += 1
        return SourceRange(start: start, end: end)
    }

    func word(_ offsets: Range<Int>) -> Word {
        Word(bytes[offsets].text, range: range(of: offsets))
    }

    /// `offsets` without white space at both ends.
    func trimmed(_ offsets: Range<Int>) -> Range<Int> {
        let rest = bytes[offsets].trimmingSpace()
        return rest.startIndex..<rest.endIndex
    }

    var all: Range<Int> { 0..<bytes.count }
}
