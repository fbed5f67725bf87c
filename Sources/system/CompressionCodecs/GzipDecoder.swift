internal import ByteStreams
private import CZlib

/// gzip by zlib: members one after another, zeros behind the last.
final class GzipDecoder: StreamDecoder {
    static let name = "gzip"

    private enum Place { case start, inMember, between, padding }

    // zlib keeps the address, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var place = Place.start

    init() throws(StreamError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15: the largest window; 16: a gzip header and trailer, checked.
        let code = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        if code != Z_OK { throw StreamError.noMemory("inflateInit2") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    var mayEnd: Bool { place == .between || place == .padding }

    func decode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> Step {
        if mayEnd {
            guard let first = input.first else { return Step(consumed: 0, produced: 0) }
            if first == 0 { place = .padding }
            if place == .padding { return Step(consumed: try Padding.length(input, name: Self.name), produced: 0) }
            inflateReset(stream)
            // A member that doesn't begin like one is what tar and gzip call trailing garbage.
            if first != 0x1f { throw StreamError(.corrupt("gzip: trailing garbage")) }
        }
        if !input.isEmpty { place = .inMember }
        return try inflate(input, into: output)
    }

    private func inflate(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> Step {
        let given = min(input.count, 1 << 30)
        let room = min(output.count, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
        stream.pointee.avail_in = UInt32(given)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(room)
        let code = CZlib.inflate(stream, Z_NO_FLUSH)
        let step = Step(
            consumed: given - Int(stream.pointee.avail_in),
            produced: room - Int(stream.pointee.avail_out)
        )
        switch code {
        case Z_STREAM_END: place = .between
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw StreamError.noMemory("inflate")
        default:
            let detail = stream.pointee.msg.map { String(cString: $0) } ?? "invalid data"
            throw StreamError(.corrupt("gzip: \(detail)"))
        }
        return step
    }
}
