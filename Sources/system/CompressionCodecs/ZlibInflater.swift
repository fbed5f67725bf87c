internal import ByteStreams
private import CZlib

/// Members by zlib, which is everywhere.
final class ZlibInflater: MemberInflater {
    // zlib keeps the address, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

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

    func restart() { inflateReset(stream) }

    func inflate(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (step: Step, isEnd: Bool) {
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
        case Z_STREAM_END: return (step, true)
        case Z_OK, Z_BUF_ERROR: return (step, false)
        case Z_MEM_ERROR: throw StreamError.noMemory("inflate")
        default:
            let detail = stream.pointee.msg.map { String(cString: $0) } ?? "invalid data"
            throw StreamError(.corrupt("gzip: \(detail)"))
        }
    }
}
