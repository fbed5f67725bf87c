public import ByteStreams

/// Reads an archive from front to back: entries one after another, and the body of the entry that was read last.
///
/// Knows every dialect that GNU tar, bsdtar, busybox, Python and Go write. Knows no file system and does not judge
/// names: `..`, absolute names and whiteouts are for the one who uses them. After an error the same error comes again.
public final class TarReader {
    private var input: TarInput
    private let limits: TarLimits
    private var globalRecords: PaxRecords?
    private var body = Body()
    private var state = State.reading
    private var entries: Int64 = 0

    /// Whether the two zero blocks that end an archive were there; many programs read archives without them.
    public private(set) var sawEndMarker = false

    private enum State {
        case reading, ended
        case failed(TarError)
    }

    /// What is left of the body of the last entry.
    private struct Body {
        var left: Int64 = 0
        var padding: Int64 = 0
        var entry: TarEntry?
        var isUntouched = true
    }

    /// Headers and records that came before an entry and belong to it.
    private struct Prologue {
        var records: PaxRecords?
        var longName: [UInt8]?
        var longLink: [UInt8]?
        var isEmpty: Bool { records == nil && longName == nil && longLink == nil }
    }

    /// A reader of an uncompressed archive.
    public init(_ source: any ByteSource, limits: TarLimits = .standard) {
        input = TarInput(source, bufferSize: 524_288)
        self.limits = limits
    }

    /// How many bytes of the archive were used so far.
    public var offset: Int64 { input.offset }

    /// Whether the archive has not a single byte. Only known after `next()`.
    public var isEmpty: Bool {
        if case .ended = state { return input.offset == 0 }
        return false
    }

    /// The next entry, or nil at the end. Skips what is left of the body before it.
    public func next() throws(TarError) -> TarEntry? {
        switch state {
        case .ended: return nil
        case .failed(let error): throw error
        case .reading: break
        }
        do {
            let entry = try readNext()
            if entry == nil { state = .ended }
            return entry
        } catch {
            state = .failed(error)
            throw error
        }
    }

    /// Reads stored bytes of the entry's body into `buffer` from index `start`; 0 at the body's end. Of a sparse file
    /// the pieces come one after another, without the zeros between them.
    public func readBody(into buffer: inout [UInt8], from start: Int = 0) throws(TarError) -> Int {
        precondition(start <= buffer.count)
        let room = Int(min(body.left, Int64(buffer.count - start)))
        if room == 0 { return 0 }
        body.isUntouched = false
        let count = try input.take(into: &buffer, from: start, atMost: room)
        body.left -= Int64(count)
        return count
    }

    /// Writes the entry's stored bytes, or what is left of them, to `sink`, straight from the reader's buffer.
    public func storedBody(into sink: any ByteSink) throws(TarError) {
        body.isUntouched = false
        try input.move(body.left, to: sink)
        body.left = 0
    }

    /// Writes `count` of the entry's stored bytes to `sink`, straight from the reader's buffer; at most what is left.
    public func storedBody(_ count: Int64, into sink: any ByteSink) throws(TarError) {
        body.isUntouched = false
        let count = min(count, body.left)
        try input.move(count, to: sink)
        body.left -= count
    }

    /// Writes the file as it will be, zeros for holes included, to `sink`. Nothing of it must have been read before.
    public func body(into sink: any ByteSink) throws(TarError) {
        precondition(body.isUntouched, "part of the body was read already")
        guard let entry = body.entry, let segments = entry.sparse else { return try storedBody(into: sink) }
        var position: Int64 = 0
        for segment in segments {
            try writeZeros(segment.offset - position, to: sink)
            try storedBody(segment.length, into: sink)
            position = segment.offset + segment.length
        }
        try writeZeros(entry.size - position, to: sink)
    }

    /// Reads what follows the end of the archive, so that a digest of the source covers all of it.
    public func finish() throws(TarError) { try input.drain() }

    private func writeZeros(_ count: Int64, to sink: any ByteSink) throws(TarError) {
        if count == 0 { return }
        let zeros = [UInt8](repeating: 0, count: Int(min(count, 65_536)))
        var left = count
        while left > 0 {
            let step = Int(min(left, Int64(zeros.count)))
            do { try sink.write(zeros.span.extracting(0..<step)) } catch {
                throw TarError(.stream(error), offset: input.offset)
            }
            left -= Int64(step)
        }
    }

    // MARK: - Headers

    private func readNext() throws(TarError) -> TarEntry? {
        try input.skip(body.left + body.padding)
        body = Body()
        var prologue = Prologue()
        while true {
            let offset = input.offset
            switch try input.nextBlock() {
            case .header(let header):
                if let entry = try read(header, at: offset, &prologue) { return entry }
            case .zero:
                try readEndMarker()
                return try end(prologue)
            case .end: return try end(prologue)
            }
        }
    }

    /// After one zero block there is another, or nothing.
    private func readEndMarker() throws(TarError) {
        let offset = input.offset
        switch try input.nextBlock() {
        case .zero: sawEndMarker = true
        case .end: break
        case .header: throw TarError(.invalidHeader("an entry after a single zero block"), offset: offset)
        }
    }

    private func end(_ prologue: Prologue) throws(TarError) -> TarEntry? {
        if !prologue.isEmpty { throw TarError(.truncated, offset: input.offset) }
        return nil
    }

    /// Takes one header: an entry, or something that belongs to the next one (nil).
    private func read(
        _ header: TarHeader,
        at offset: Int64,
        _ prologue: inout Prologue
    ) throws(TarError) -> TarEntry? {
        switch header.type {
        case TypeFlag.pax, TypeFlag.solarisPax:
            prologue.records = try paxRecords(header, over: globalRecords ?? PaxRecords(), at: offset, isGlobal: false)
        case TypeFlag.globalPax:
            globalRecords = try paxRecords(header, over: globalRecords ?? PaxRecords(), at: offset, isGlobal: true)
        case TypeFlag.gnuLongName: prologue.longName = try longText(header, "name", at: offset)
        case TypeFlag.gnuLongLink: prologue.longLink = try longText(header, "link target", at: offset)
        case TypeFlag.gnuVolumeLabel, TypeFlag.gnuDirectory, TypeFlag.solarisACL:
            let size = try extensionSize(header, "the size of a header", limit: .max, at: offset)
            try input.skip(size + Self.padding(size))
            if header.type == TypeFlag.gnuDirectory { return try entry(header, prologue, at: offset) }
        default: return try entry(header, prologue, at: offset)
        }
        return nil
    }

    private func paxRecords(
        _ header: TarHeader,
        over records: PaxRecords,
        at offset: Int64,
        isGlobal: Bool
    ) throws(TarError) -> PaxRecords {
        let size = try extensionSize(header, "the size of a PAX header", limit: Int64(limits.paxBytes), at: offset)
        let bytes = try input.take(Int(size))
        try input.skip(Self.padding(size))
        var records = records
        do { try records.read(bytes, isGlobal: isGlobal, limits: limits) } catch {
            throw TarError(Self.reason(error), offset: offset)
        }
        return records
    }

    private func longText(_ header: TarHeader, _ what: String, at offset: Int64) throws(TarError) -> [UInt8] {
        // One more for the NUL, and room for those who fill the block.
        let size = try extensionSize(
            header,
            "the length of a \(what)",
            limit: Int64(limits.pathBytes) + 512,
            at: offset
        )
        let bytes = try input.take(Int(size))
        try input.skip(Self.padding(size))
        return Array(bytes.prefix { $0 != 0 })
    }

    private func extensionSize(
        _ header: TarHeader,
        _ what: String,
        limit: Int64,
        at offset: Int64
    ) throws(TarError) -> Int64 {
        if header.size < 0 { throw TarError(.invalidField("size"), offset: offset) }
        // The padding must not overflow either.
        let limit = min(limit, .max - 1024)
        if header.size > limit {
            throw TarError(.tooLarge(what: what, count: header.size, limit: limit), offset: offset)
        }
        return header.size
    }

    private func entry(_ header: TarHeader, _ prologue: Prologue, at offset: Int64) throws(TarError) -> TarEntry {
        entries += 1
        if entries > limits.entries {
            throw TarError(
                .tooLarge(what: "the number of entries", count: entries, limit: limits.entries),
                offset: offset
            )
        }
        let records = prologue.records ?? globalRecords
        var draft = try EntryDraft(
            header,
            records,
            longName: prologue.longName,
            longLink: prologue.longLink,
            limits: limits,
            offset: offset
        )
        try draft.readSparse(from: &input, records?.sparse, oldSparse: header.oldSparse)
        body = Body(left: draft.stored, padding: draft.padding, entry: draft.entry)
        return draft.entry
    }

    /// How many bytes follow a body of `size` bytes up to the next block.
    static func padding(_ size: Int64) -> Int64 { -size & 511 }

    static func reason(_ problem: PaxRecords.Problem) -> TarError.Reason {
        switch problem {
        case .invalid(let detail): .invalidPax(detail)
        case .tooLarge(let what, let count, let limit): .tooLarge(what: what, count: Int64(count), limit: Int64(limit))
        }
    }
}
