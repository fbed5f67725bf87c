/// An ELF file's bytes, read in pages of which the last few are kept, and its numbers in its own byte order.
struct ELFInput {
    private static let pageSize = 16_384
    private static let pagesKept = 6

    private let source: any RandomAccessBytes
    private var pages: [(index: Int64, bytes: [UInt8])] = []
    var isBigEndian = false
    var is64Bit = true

    init(_ source: any RandomAccessBytes) { self.source = source }

    var count: Int64 { source.count }

    /// Exactly `count` bytes from `offset` on.
    mutating func bytes(at offset: UInt64, count: Int, _ part: String) throws(ELFError) -> ArraySlice<UInt8> {
        guard let start = Int64(exactly: offset), count >= 0 else { throw ELFError(.truncated(part)) }
        let inPage = Int(start % Int64(Self.pageSize))
        if inPage + count <= Self.pageSize {
            let page = try page(start / Int64(Self.pageSize))
            guard inPage + count <= page.count else { throw ELFError(.truncated(part)) }
            return page[inPage..<inPage + count]
        }
        let direct = try source.bytes(at: start, count: count)
        guard direct.count == count else { throw ELFError(.truncated(part)) }
        return direct[...]
    }

    /// A record of numbers.
    mutating func record(at offset: UInt64, count: Int, _ part: String) throws(ELFError) -> ELFRecord {
        ELFRecord(
            bytes: try bytes(at: offset, count: count, part),
            isBigEndian: isBigEndian,
            is64Bit: is64Bit
        )
    }

    /// A text that ends with a zero byte, before `end` and within `limit` bytes. What isn't UTF-8 is replaced: such a
    /// name is found nowhere.
    mutating func text(at offset: UInt64, end: UInt64, limit: Int, _ part: String) throws(ELFError) -> String {
        var text: [UInt8] = []
        var place = offset
        while text.count <= limit, place < end {
            guard let position = Int64(exactly: place) else { break }
            let page = try page(position / Int64(Self.pageSize))
            let start = Int(position % Int64(Self.pageSize))
            guard start < page.count else { break }
            let room = min(page.count - start, Int(min(end - place, UInt64(limit + 1))))
            let piece = page[start..<start + room]
            if let zero = piece.firstIndex(of: 0) {
                return String(decoding: text + piece[..<zero], as: UTF8.self)
            }
            text += piece
            place += UInt64(room)
        }
        throw ELFError(.invalid(part))
    }

    private mutating func page(_ index: Int64) throws(ELFError) -> [UInt8] {
        if let kept = pages.last(where: { $0.index == index }) { return kept.bytes }
        let (start, overflows) = index.multipliedReportingOverflow(by: Int64(Self.pageSize))
        if overflows { return [] }
        let bytes = try source.bytes(at: start, count: Self.pageSize)
        if pages.count == Self.pagesKept { pages.removeFirst() }
        pages.append((index, bytes))
        return bytes
    }
}
