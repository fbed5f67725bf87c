/// One 512-byte header as it stands in an archive, before PAX records and GNU names are laid over it.
struct TarHeader {
    /// Who wrote it, as far as the meaning of its last third depends on that.
    enum Dialect { case v7, ustar, gnu, star }

    var dialect = Dialect.v7
    var type: UInt8
    var name: [UInt8]
    var linkName: [UInt8]
    var mode: UInt32
    var uid: Int64
    var gid: Int64
    var size: Int64
    var modified: Int64
    var accessed: Int64?
    var changed: Int64?
    var userName = ""
    var groupName = ""
    var major: Int64 = 0
    var minor: Int64 = 0
    /// What the header of an old GNU sparse file says; nil for everything else.
    var oldSparse: OldSparse?

    /// The first pieces of an old GNU sparse file, and whether blocks with more of them follow.
    struct OldSparse {
        var size: Int64
        var segments: [TarEntry.SparseSegment]
        var isContinued: Bool
    }
}

/// The types of headers that a reader must know by name.
enum TypeFlag {
    static let oldFile: UInt8 = 0
    static let file = UInt8(ascii: "0")
    static let hardLink = UInt8(ascii: "1")
    static let symbolicLink = UInt8(ascii: "2")
    static let characterDevice = UInt8(ascii: "3")
    static let blockDevice = UInt8(ascii: "4")
    static let directory = UInt8(ascii: "5")
    static let fifo = UInt8(ascii: "6")
    static let contiguousFile = UInt8(ascii: "7")
    static let pax = UInt8(ascii: "x")
    /// What Solaris wrote before PAX had a number for it.
    static let solarisPax = UInt8(ascii: "X")
    static let globalPax = UInt8(ascii: "g")
    static let gnuLongName = UInt8(ascii: "L")
    static let gnuLongLink = UInt8(ascii: "K")
    static let gnuSparse = UInt8(ascii: "S")
    /// The name of the whole archive; no entry.
    static let gnuVolumeLabel = UInt8(ascii: "V")
    /// A directory with a list of its names as body, of GNU's incremental backups.
    static let gnuDirectory = UInt8(ascii: "D")
    /// An access control list of the next entry, of Solaris.
    static let solarisACL = UInt8(ascii: "A")
}

extension TarInput {
    /// What the next block is.
    enum Block { case end, zero, header(TarHeader) }

    /// Reads the next header block, or finds the end; consumes it.
    mutating func nextBlock() throws(TarError) -> Block {
        try fill(512)
        if available.isEmpty { return .end }
        if available.count < 512 { throw TarError(.truncated, offset: offset) }
        guard let header = try header() else {
            consume(512)
            return .zero
        }
        consume(512)
        return .header(header)
    }

    /// The header that lies at the start of the available bytes; nil if they are all zero.
    private func header() throws(TarError) -> TarHeader? {
        let first = available.lowerBound
        let block = buffer.span.extracting(first..<first + 512)
        let sum = TarField.checksum(block)
        if sum == 256, TarField.isZero(block) { return nil }
        guard let stored = TarField.number(block.extracting(148..<156)),
            stored == sum || stored == TarField.checksum(block, signed: true)
        else { throw TarError(.invalidHeader("the checksum does not match"), offset: offset) }

        var header = TarHeader(
            type: block[156],
            name: text(0, 100),
            linkName: text(157, 100),
            mode: UInt32(truncatingIfNeeded: try number("mode", 100, 8)),
            uid: try number("owner", 108, 8),
            gid: try number("group", 116, 8),
            size: try number("size", 124, 12),
            modified: try number("modification time", 136, 12)
        )
        header.dialect = dialect(block)
        if header.dialect != .v7 {
            header.userName = string(265, 32)
            header.groupName = string(297, 32)
        }
        if header.type == TypeFlag.characterDevice || header.type == TypeFlag.blockDevice, header.dialect != .v7 {
            header.major = try number("device number", 329, 8)
            header.minor = try number("device number", 337, 8)
        }
        try readExtension(of: &header)
        return header
    }

    /// The last third, which every dialect uses in its own way.
    private func readExtension(of header: inout TarHeader) throws(TarError) {
        switch header.dialect {
        case .v7: break
        case .ustar: addPrefix(length: 155, to: &header)
        case .star:
            addPrefix(length: 131, to: &header)
            header.accessed = try number("access time", 476, 12)
            header.changed = try number("change time", 488, 12)
        case .gnu:
            let times = (number(345, 12), number(357, 12))
            if byte(345) != 0, times.0 == nil || times.1 == nil {
                // Some programs wrote a ustar prefix under GNU's mark; Go's library did for years.
                addPrefix(length: 155, to: &header)
            } else {
                if byte(345) != 0 { header.accessed = times.0 }
                if byte(357) != 0 { header.changed = times.1 }
            }
            if header.type == TypeFlag.gnuSparse { header.oldSparse = try oldSparse() }
        }
    }

    private func addPrefix(length: Int, to header: inout TarHeader) {
        let prefix = text(345, length)
        if !prefix.isEmpty { header.name = prefix + [TarPath.slash] + header.name }
    }

    private func oldSparse() throws(TarError) -> TarHeader.OldSparse {
        TarHeader.OldSparse(
            size: try number("size of a sparse file", 483, 12),
            segments: try sparseSegments(at: 386, count: 4),
            isContinued: byte(482) != 0
        )
    }

    /// The pieces that a block of an old GNU sparse file lists; a list that is not full ends with an empty field.
    private func sparseSegments(at position: Int, count: Int) throws(TarError) -> [TarEntry.SparseSegment] {
        var segments: [TarEntry.SparseSegment] = []
        for index in 0..<count {
            let place = position + index * 24
            if byte(place) == 0 { break }
            segments.append(
                TarEntry.SparseSegment(
                    offset: try number("offset in a sparse file", place, 12),
                    length: try number("length in a sparse file", place + 12, 12)
                )
            )
        }
        return segments
    }

    /// The next block as a continuation of an old GNU sparse file's list; consumes it.
    mutating func nextSparseBlock() throws(TarError) -> (segments: [TarEntry.SparseSegment], isContinued: Bool) {
        try fill(512)
        if available.count < 512 { throw TarError(.truncated, offset: offset) }
        let block = (try sparseSegments(at: 0, count: 21), byte(504) != 0)
        consume(512)
        return block
    }

    private func dialect(_ block: Span<UInt8>) -> TarHeader.Dialect {
        // "ustar", then a space for GNU and a NUL for POSIX.
        guard block[257] == 0x75, block[258] == 0x73, block[259] == 0x74, block[260] == 0x61, block[261] == 0x72
        else { return .v7 }
        if block[262] == 0x20 { return .gnu }
        if block[262] != 0 { return .v7 }
        let hasStarMark = block[508] == 0x74 && block[509] == 0x61 && block[510] == 0x72 && block[511] == 0
        return hasStarMark ? .star : .ustar
    }

    private func byte(_ position: Int) -> UInt8 { buffer[available.lowerBound + position] }

    private func number(_ position: Int, _ count: Int) -> Int64? {
        let first = available.lowerBound + position
        return TarField.number(buffer.span.extracting(first..<first + count))
    }

    private func number(_ name: String, _ position: Int, _ count: Int) throws(TarError) -> Int64 {
        guard let value = number(position, count) else { throw TarError(.invalidField(name), offset: offset) }
        return value
    }

    private func text(_ position: Int, _ count: Int) -> [UInt8] { Array(textSlice(position, count)) }

    private func string(_ position: Int, _ count: Int) -> String {
        String(decoding: textSlice(position, count), as: UTF8.self)
    }

    private func textSlice(_ position: Int, _ count: Int) -> ArraySlice<UInt8> {
        let first = available.lowerBound + position
        return buffer[first..<first + TarField.textLength(buffer.span.extracting(first..<first + count))]
    }
}
