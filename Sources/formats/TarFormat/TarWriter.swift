public import ByteStreams

/// Writes an archive: each entry by `append`, then its body by `write`, then `finish`.
///
/// The same entries give the same bytes, always. A header is plain ustar where everything fits, else a PAX header with
/// what does not fit comes before it. Of a sparse file the pieces are written one after another.
public struct TarWriter: ~Copyable {
    private let sink: any ByteSink
    /// Headers and padding that wait for the next body, so that the sink is called seldom.
    private var pending: [UInt8] = []
    private var offset: Int64 = 0
    private var left: Int64 = 0
    private var padding: Int64 = 0
    private var current: TarPath?

    /// A writer of an uncompressed archive.
    public init(to sink: any ByteSink) {
        self.sink = sink
        pending.reserveCapacity(65_536 + 4096)
    }

    /// Begins an entry. The body of the one before it must be complete.
    public mutating func append(_ entry: TarEntry) throws(TarError) {
        try endBody()
        let offset = offset + Int64(pending.count)
        let header: EncodedHeader
        do { header = try EncodedHeader(entry) } catch {
            throw TarError(.invalidEntry(error.description), offset: offset, path: entry.path)
        }
        pending += header.bytes
        current = entry.path
        left = header.bodySize
        padding = TarReader.padding(left)
        if pending.count >= 65_536 { try flush() }
    }

    /// Writes the next bytes of the entry's body.
    public mutating func write(_ bytes: Span<UInt8>) throws(TarError) {
        guard bytes.count <= left else {
            throw TarError(
                .invalidEntry("the body is longer than the entry says by \(Int64(bytes.count) - left) bytes or more"),
                offset: offset,
                path: current
            )
        }
        if bytes.isEmpty { return }
        try flush()
        try send(bytes)
        offset += Int64(bytes.count)
        left -= Int64(bytes.count)
    }

    /// Ends the archive with its mark.
    public consuming func finish() throws(TarError) {
        try endBody()
        pending += repeatElement(0, count: 1024)
        try flush()
    }

    private mutating func endBody() throws(TarError) {
        guard left == 0 else {
            throw TarError(
                .invalidEntry("the body is shorter than the entry says by \(left) bytes"),
                offset: offset,
                path: current
            )
        }
        pending += repeatElement(0, count: Int(padding))
        padding = 0
    }

    private mutating func flush() throws(TarError) {
        if pending.isEmpty { return }
        try send(pending.span)
        offset += Int64(pending.count)
        pending.removeAll(keepingCapacity: true)
    }

    private func send(_ bytes: Span<UInt8>) throws(TarError) {
        do { try sink.write(bytes) } catch { throw TarError(.stream(error), offset: offset, path: current) }
    }
}
