internal import ByteStreams
private import CBzip2

/// bzip2 by libbz2: streams one after another (as pbzip2 writes them), zeros behind the last.
final class Bzip2Decoder: StreamDecoder {
    static let name = "bzip2"

    // libbz2 keeps the address, so it must not move.
    private let stream: UnsafeMutablePointer<bz_stream>
    private var isOpen = false
    private var isPadding = false
    private(set) var mayEnd = false

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
    }

    deinit {
        if isOpen { BZ2_bzDecompressEnd(stream) }
        stream.deallocate()
    }

    func decode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> Step {
        if !isOpen {
            guard let first = input.first else { return Step(consumed: 0, produced: 0) }
            if mayEnd {
                if first == 0 { isPadding = true }
                if isPadding { return Step(consumed: try Padding.length(input, name: Self.name), produced: 0) }
                if first != UInt8(ascii: "B") { throw StreamError(.corrupt("bzip2: trailing garbage")) }
            }
            stream.initialize(to: bz_stream())
            if BZ2_bzDecompressInit(stream, 0, 0) != BZ_OK {
                throw StreamError.noMemory("BZ2_bzDecompressInit")
            }
            isOpen = true
            mayEnd = false
        }
        return try decompress(input, into: output)
    }

    private func decompress(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> Step {
        let given = min(input.count, 1 << 30)
        let room = min(output.count, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self)
        )
        stream.pointee.avail_in = UInt32(given)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_out = UInt32(room)
        let code = BZ2_bzDecompress(stream)
        let step = Step(
            consumed: given - Int(stream.pointee.avail_in),
            produced: room - Int(stream.pointee.avail_out)
        )
        switch code {
        case BZ_STREAM_END:
            BZ2_bzDecompressEnd(stream)
            isOpen = false
            mayEnd = true
        case BZ_OK: break
        case BZ_DATA_ERROR_MAGIC: throw StreamError(.corrupt("bzip2: not in bzip2 format"))
        case BZ_MEM_ERROR: throw StreamError.noMemory("BZ2_bzDecompress")
        default: throw StreamError(.corrupt("bzip2: invalid data"))
        }
        return step
    }
}
