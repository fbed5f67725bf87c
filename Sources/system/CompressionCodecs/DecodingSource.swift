internal import ByteStreams

/// What one call of a codec took and gave.
struct Step {
    var consumed: Int
    var produced: Int
}

/// A codec library, seen as a machine that takes some bytes and gives some.
protocol StreamDecoder: AnyObject {
    /// The name for messages.
    static var name: String { get }
    /// Decodes as far as input and room reach. `isLast`: no input will follow. After an error the decoder is not used again.
    func decode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> Step
    /// Whether the input may end here: something whole came, and nothing has begun since.
    var mayEnd: Bool { get }
}

/// The plain bytes of a compressed source.
final class DecodingSource<Decoder: StreamDecoder>: ByteSource {
    private let decoder: Decoder
    private let upstream: any ByteSource
    private var input = [UInt8](repeating: 0, count: 131_072)
    private var position = 0
    private var end = 0
    private var isLast = false
    private var isFinished = false

    init(_ decoder: Decoder, over upstream: any ByteSource) {
        self.decoder = decoder
        self.upstream = upstream
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        while !isFinished {
            let step = try decode(into: &buffer, from: start)
            position += step.consumed
            if step.produced > 0 { return step.produced }
            if position < end {
                if step.consumed == 0 { throw StreamError(.corrupt("\(Decoder.name): invalid data")) }
            } else if isLast {
                if !decoder.mayEnd { throw StreamError(.truncated, subject: Decoder.name) }
                isFinished = true
            } else {
                position = 0
                end = try upstream.read(into: &input, from: 0)
                isLast = end == 0
            }
        }
        return 0
    }

    private func decode(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Step {
        let result: Result<Step, StreamError> = input.withUnsafeBytes { input in
            buffer.withUnsafeMutableBytes { output in
                do throws(StreamError) {
                    return .success(
                        try decoder.decode(
                            UnsafeRawBufferPointer(rebasing: input[position..<end]),
                            isLast: isLast,
                            into: UnsafeMutableRawBufferPointer(rebasing: output[start...])
                        )
                    )
                } catch { return .failure(error) }
            }
        }
        return try result.get()
    }
}
