internal import ByteStreams
private import CZstd

/// zstd by libzstd: frames one after another, skippable ones among them.
final class ZstdDecoder: StreamDecoder {
    static let name = "zstd"
    /// 128 MiB, what `zstd -d` accepts without being asked for more.
    static let windowLogLimit: CInt = 27

    private let context: OpaquePointer
    private(set) var mayEnd = false

    init() throws(StreamError) {
        guard let context = ZSTD_createDCtx() else {
            throw StreamError.noMemory("ZSTD_createDCtx")
        }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogLimit)
    }

    deinit { ZSTD_freeDCtx(context) }

    func decode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> Step {
        // At a frame's end, nothing to read means nothing to say: the library would begin to wait for another frame.
        if mayEnd, input.isEmpty { return Step(consumed: 0, produced: 0) }
        var given = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var room = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let code = ZSTD_decompressStream(context, &room, &given)
        if ZSTD_isError(code) != 0 {
            let detail = String(cString: ZSTD_getErrorName(code)).lowercased()
            // The numbers of zstd_errors.h, which are promised to stay: memory_allocation, windowTooLarge.
            switch 0 &- code {
            case 64: throw StreamError.noMemory("ZSTD_decompressStream")
            case 16: throw StreamError(.unsupported("zstd: \(detail)"))
            default: throw StreamError(.corrupt("zstd: \(detail)"))
            }
        }
        mayEnd = code == 0
        return Step(consumed: given.pos, produced: room.pos)
    }
}
