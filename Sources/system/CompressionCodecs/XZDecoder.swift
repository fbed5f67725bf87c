internal import ByteStreams
private import CLZMA

/// xz by liblzma: streams one after another, with padding between and behind them.
final class XZDecoder: StreamDecoder {
    static let name = "xz"
    /// `xz -9` needs 65 MiB to decompress; what needs more than this was made to use memory.
    static let memoryLimit: UInt64 = 256 << 20

    // liblzma keeps pointers into it, so it must not move.
    private let stream: UnsafeMutablePointer<lzma_stream>
    private(set) var mayEnd = false

    init() throws(StreamError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: lzma_stream())
        let concatenated: UInt32 = 0x08  // LZMA_CONCATENATED, a macro that Swift can't see
        if lzma_stream_decoder(stream, Self.memoryLimit, concatenated) != LZMA_OK {
            throw StreamError.noMemory("lzma_stream_decoder")
        }
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    func decode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> Step {
        if mayEnd { return Step(consumed: 0, produced: 0) }
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = output.count
        let code = lzma_code(stream, isLast ? LZMA_FINISH : LZMA_RUN)
        let step = Step(
            consumed: input.count - stream.pointee.avail_in,
            produced: output.count - stream.pointee.avail_out
        )
        switch code {
        case LZMA_OK, LZMA_BUF_ERROR: break
        case LZMA_STREAM_END: mayEnd = true
        case LZMA_MEM_ERROR: throw StreamError.noMemory("lzma_code")
        case LZMA_MEMLIMIT_ERROR:
            let needed = (lzma_memusage(stream) + (1 << 20) - 1) >> 20
            let limit = Self.memoryLimit >> 20
            throw StreamError(.unsupported("xz: needs \(needed) MiB of memory, the limit is \(limit) MiB"))
        case LZMA_FORMAT_ERROR: throw StreamError(.corrupt("xz: not in xz format"))
        case LZMA_OPTIONS_ERROR: throw StreamError(.unsupported("xz: unknown filter or option"))
        default: throw StreamError(.corrupt("xz: invalid data"))
        }
        return step
    }
}
