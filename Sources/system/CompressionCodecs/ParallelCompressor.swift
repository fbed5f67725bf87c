public import ByteStreams
private import CDeflate
private import CZstd

/// Compresses on several threads, with the same bytes as result however many there are.
///
/// gzip: a member for every 1 MiB, by libdeflate, which is linked into the program: members can be made apart, every gzip
/// reads them one after another, and the result depends on no library of the machine. zstd: a frame for every 4 MiB, each
/// with its size and a checksum.
public enum ParallelCompressor {
    /// The block sizes are part of what the result is: with others, the same layer would have another digest.
    public static let gzipBlockSize = 1 << 20
    /// See `gzipBlockSize`.
    public static let zstdBlockSize = 4 << 20

    /// The levels of a way of compressing and the one that is meant by default; nil where there are none.
    public static func levels(of compression: Compression) -> (allowed: ClosedRange<Int>, standard: Int)? {
        switch compression {
        // A Debian root takes 5 % more than by zlib's sixth level, and a quarter of the time.
        case .gzip: (0...9, 1)
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
            ? GzipMembers(level: level, threads: threads, over: downstream)
            : ZstdFrames(level: level, threads: threads, over: downstream)
    }
}

/// gzip in members of one size.
private final class GzipMembers: FinishableSink {
    private let members: BlockSink<[UInt8]>

    init(level: Int, threads: Int, over downstream: any ByteSink) {
        let plan = BlockSink<[UInt8]>.Plan(blockSize: ParallelCompressor.gzipBlockSize, threads: threads)
        let start = Start()
        members = BlockSink(plan) { block in
            do throws(StreamError) {
                return .success(block.isEmpty ? [] : try Self.member(block, level))
            } catch { return .failure(error) }
        } emit: { (member) throws(StreamError) in
            // An empty last block makes no member, unless there is nothing else.
            if member.isEmpty, start.isOver { return }
            start.isOver = true
            let bytes = member.isEmpty ? try Self.member([], level) : member
            try downstream.write(bytes.span)
        }
    }

    private final class Start { var isOver = false }

    func write(_ bytes: Span<UInt8>) throws(StreamError) { try members.write(bytes) }
    func finish() throws(StreamError) { try members.finish() }

    /// Without time or name.
    private static func member(_ bytes: [UInt8], _ level: Int) throws(StreamError) -> [UInt8] {
        guard let compressor = libdeflate_alloc_compressor(CInt(level)) else {
            throw StreamError.noMemory("libdeflate_alloc_compressor")
        }
        defer { libdeflate_free_compressor(compressor) }
        let room = libdeflate_gzip_compress_bound(compressor, bytes.count)
        let member = [UInt8](unsafeUninitializedCapacity: room) { output, count in
            count = bytes.withUnsafeBufferPointer {
                libdeflate_gzip_compress(compressor, $0.baseAddress, $0.count, output.baseAddress, output.count)
            }
        }
        // The bound says that there is room for everything.
        guard !member.isEmpty else { throw StreamError(.corrupt("gzip: libdeflate found no room")) }
        return member
    }
}

/// zstd in frames of one size.
private final class ZstdFrames: FinishableSink {
    private let frames: BlockSink<[UInt8]>

    init(level: Int, threads: Int, over downstream: any ByteSink) {
        let plan = BlockSink<[UInt8]>.Plan(blockSize: ParallelCompressor.zstdBlockSize, threads: threads)
        frames = BlockSink(plan) { block in
            do throws(StreamError) { return .success(try Self.frame(block, level)) } catch {
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
