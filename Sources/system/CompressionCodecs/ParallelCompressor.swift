public import ByteStreams
private import CZlib
private import CZstd

/// Compresses on several threads, with the same bytes as result however many there are.
///
/// gzip: one member, whose deflate stream is made of blocks of 1 MiB. Each block begins with the 32 KiB before it as its
/// dictionary and ends on a byte boundary, so they can be made apart and put together: any gzip reads it, and it is less
/// than a thousandth larger than in one piece. zstd: a frame for every 4 MiB, each with its size and a checksum.
public enum ParallelCompressor {
    /// The block sizes are part of what the result is: with others, the same layer would have another digest.
    public static let gzipBlockSize = 1 << 20
    /// See `gzipBlockSize`.
    public static let zstdBlockSize = 4 << 20

    /// The levels of a way of compressing and the one that is meant by default; nil where there are none.
    public static func levels(of compression: Compression) -> (allowed: ClosedRange<Int>, standard: Int)? {
        switch compression {
        case .gzip: (0...9, 6)
        case .zstd: (0...22, 3)
        case .none, .bzip2, .xz: nil
        }
    }

    /// A sink that writes the compressed form of what it takes to `downstream`; call `finish` at the end.
    ///
    /// gzip and zstd only; a level that the format doesn't have is an error.
    public static func sink(
        _ compression: Compression,
        level: Int? = nil,
        threads: Int,
        over downstream: any ByteSink
    ) throws(StreamError) -> any FinishableSink {
        guard let levels = levels(of: compression) else {
            throw StreamError(.unsupported("\(compression.rawValue) is not compressed in parallel"))
        }
        let level = level ?? levels.standard
        guard levels.allowed.contains(level) else {
            let range = "\(levels.allowed.lowerBound) to \(levels.allowed.upperBound)"
            throw StreamError(.unsupported("\(compression.rawValue): level \(level) is not from \(range)"))
        }
        return compression == .gzip
            ? GzipBlocks(level: level, threads: threads, over: downstream)
            : ZstdFrames(level: level, threads: threads, over: downstream)
    }
}

/// gzip in blocks: header, deflate blocks, the checksum and length of all.
private final class GzipBlocks: FinishableSink {
    private struct Piece: Sendable {
        var bytes: [UInt8]
        var checksum: UInt
        var length: Int
    }

    private let blocks: BlockSink<Piece>
    private let downstream: any ByteSink
    private let total = Total()

    /// The checksum and length of what went by.
    private final class Total {
        var checksum = crc32(0, nil, 0)
        var length = 0
        var hasBegun = false
    }

    init(level: Int, threads: Int, over downstream: any ByteSink) {
        self.downstream = downstream
        let plan = BlockSink<Piece>.Plan(
            blockSize: ParallelCompressor.gzipBlockSize,
            overlap: 32_768,
            threads: threads
        )
        let total = total
        blocks = BlockSink(plan) { block in
            do throws(StreamError) { return .success(try Self.piece(block, level)) } catch { return .failure(error) }
        } emit: { (piece) throws(StreamError) in
            if !total.hasBegun { try downstream.write(Self.header(level).span) }
            total.hasBegun = true
            try downstream.write(piece.bytes.span)
            total.checksum = crc32_combine(total.checksum, piece.checksum, piece.length)
            total.length += piece.length
        }
    }

    func write(_ bytes: Span<UInt8>) throws(StreamError) { try blocks.write(bytes) }

    func finish() throws(StreamError) {
        try blocks.finish()
        var trailer: [UInt8] = []
        for number in [UInt32(truncatingIfNeeded: total.checksum), UInt32(truncatingIfNeeded: total.length)] {
            for shift in stride(from: 0, to: 32, by: 8) { trailer.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        try downstream.write(trailer.span)
    }

    /// Without time or name; the flag for the best and the fastest level and the system are as zlib writes them.
    private static func header(_ level: Int) -> [UInt8] {
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, level == 9 ? 2 : level < 2 ? 4 : 0, 3]
    }

    private static func piece(_ block: BlockSink<Piece>.Block, _ level: Int) throws(StreamError) -> Piece {
        // zlib keeps the address, so it must not move.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        let size = CInt(MemoryLayout<z_stream>.size)
        // -15: the largest window, without a wrapper.
        guard deflateInit2_(stream, CInt(level), Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else { throw StreamError.noMemory("deflateInit2") }
        defer { deflateEnd(stream) }
        if !block.before.isEmpty {
            block.before.withUnsafeBufferPointer { _ = deflateSetDictionary(stream, $0.baseAddress, UInt32($0.count)) }
        }
        // A sync flush adds an empty block of five bytes, which the bound doesn't know.
        let room = Int(deflateBound(stream, UInt(block.bytes.count))) + 64
        var code = Z_OK
        var input = block.bytes
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { output, count in
            input.withUnsafeMutableBufferPointer { source in
                stream.pointee.next_in = source.baseAddress
                stream.pointee.avail_in = UInt32(source.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                code = deflate(stream, block.isLast ? Z_FINISH : Z_SYNC_FLUSH)
                count = output.count - Int(stream.pointee.avail_out)
            }
        }
        guard code == (block.isLast ? Z_STREAM_END : Z_OK), stream.pointee.avail_in == 0, stream.pointee.avail_out > 0
        else { throw StreamError(.corrupt("gzip: deflate failed with \(code)")) }
        let checksum = input.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
        return Piece(bytes: bytes, checksum: input.isEmpty ? crc32(0, nil, 0) : checksum, length: input.count)
    }
}

/// zstd in frames of one size.
private final class ZstdFrames: FinishableSink {
    private let frames: BlockSink<[UInt8]>

    init(level: Int, threads: Int, over downstream: any ByteSink) {
        let plan = BlockSink<[UInt8]>.Plan(blockSize: ParallelCompressor.zstdBlockSize, threads: threads)
        frames = BlockSink(plan) { block in
            do throws(StreamError) { return .success(try Self.frame(block.bytes, level)) } catch {
                return .failure(error)
            }
        } emit: { (frame) throws(StreamError) in
            try downstream.write(frame.span)
        }
    }

    func write(_ bytes: Span<UInt8>) throws(StreamError) { try frames.write(bytes) }
    func finish() throws(StreamError) { try frames.finish() }

    private static func frame(_ bytes: [UInt8], _ level: Int) throws(StreamError) -> [UInt8] {
        guard let context = ZSTD_createCCtx() else { throw StreamError.noMemory("ZSTD_createCCtx") }
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CInt(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        var code = 0
        let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { output, count in
            code = bytes.withUnsafeBufferPointer {
                ZSTD_compress2(context, output.baseAddress, output.count, $0.baseAddress, $0.count)
            }
            count = ZSTD_isError(code) != 0 ? 0 : code
        }
        if ZSTD_isError(code) != 0 {
            throw StreamError(.corrupt("zstd: \(String(cString: ZSTD_getErrorName(code)).lowercased())"))
        }
        return frame
    }
}
