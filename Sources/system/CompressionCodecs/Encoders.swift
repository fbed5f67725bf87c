internal import ByteStreams
private import CBzip2
private import CLZMA
private import CZlib
private import CZstd

// One encoder for each format. Their libraries keep the address of the stream, so each is on the heap.

final class GzipEncoder: StreamEncoder {
    private let stream: UnsafeMutablePointer<z_stream>

    init(level: Int) throws(StreamError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 + 16: the largest window in a gzip wrapper, whose header zlib leaves without time and name; 8: memory, as gzip.
        let size = CInt(MemoryLayout<z_stream>.size)
        let code = deflateInit2_(
            stream,
            CInt(level),
            Z_DEFLATED,
            15 + 16,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            size
        )
        if code != Z_OK { throw StreamError.noMemory("deflateInit2") }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    func encode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (step: Step, isDone: Bool) {
        let given = min(input.count, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        )
        stream.pointee.avail_in = UInt32(given)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let code = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
            throw StreamError(.corrupt("gzip: deflate failed with \(code)"))
        }
        let step = Step(
            consumed: given - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out)
        )
        return (step, code == Z_STREAM_END)
    }
}

final class Bzip2Encoder: StreamEncoder {
    private let stream: UnsafeMutablePointer<bz_stream>

    init(level: Int) throws(StreamError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
        if BZ2_bzCompressInit(stream, CInt(level), 0, 0) != BZ_OK {
            throw StreamError.noMemory("BZ2_bzCompressInit")
        }
    }

    deinit {
        BZ2_bzCompressEnd(stream)
        stream.deallocate()
    }

    func encode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (step: Step, isDone: Bool) {
        let given = min(input.count, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self)
        )
        stream.pointee.avail_in = UInt32(given)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_out = UInt32(output.count)
        let code = BZ2_bzCompress(stream, isLast ? BZ_FINISH : BZ_RUN)
        guard code == BZ_RUN_OK || code == BZ_FINISH_OK || code == BZ_STREAM_END else {
            throw StreamError(.corrupt("bzip2: compressing failed with \(code)"))
        }
        let step = Step(
            consumed: given - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out)
        )
        return (step, code == BZ_STREAM_END)
    }
}

final class XZEncoder: StreamEncoder {
    private let stream: UnsafeMutablePointer<lzma_stream>

    init(level: Int) throws(StreamError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: lzma_stream())
        if lzma_easy_encoder(stream, UInt32(level), LZMA_CHECK_CRC64) != LZMA_OK {
            throw StreamError.noMemory("lzma_easy_encoder")
        }
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    func encode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (step: Step, isDone: Bool) {
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = output.count
        let code = lzma_code(stream, isLast ? LZMA_FINISH : LZMA_RUN)
        guard code == LZMA_OK || code == LZMA_STREAM_END else {
            throw StreamError(.corrupt("xz: compressing failed with \(code.rawValue)"))
        }
        let step = Step(
            consumed: input.count - stream.pointee.avail_in,
            produced: output.count - stream.pointee.avail_out
        )
        return (step, code == LZMA_STREAM_END)
    }
}

final class ZstdEncoder: StreamEncoder {
    private let context: OpaquePointer

    init(level: Int) throws(StreamError) {
        guard let context = ZSTD_createCCtx() else {
            throw StreamError.noMemory("ZSTD_createCCtx")
        }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CInt(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit { ZSTD_freeCCtx(context) }

    func encode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (step: Step, isDone: Bool) {
        var given = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var room = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let code = ZSTD_compressStream2(context, &room, &given, isLast ? ZSTD_e_end : ZSTD_e_continue)
        if ZSTD_isError(code) != 0 {
            throw StreamError(.corrupt("zstd: \(String(cString: ZSTD_getErrorName(code)).lowercased())"))
        }
        return (Step(consumed: given.pos, produced: room.pos), isLast && code == 0)
    }
}
