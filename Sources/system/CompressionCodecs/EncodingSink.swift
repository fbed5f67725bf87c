internal import ByteStreams

/// A codec library, seen as a machine that takes plain bytes and gives compressed ones.
protocol StreamEncoder: AnyObject {
    /// Encodes as far as input and room reach. `isLast`: no input will follow, and all must come out.
    ///
    /// `isDone` is true once everything is out after `isLast`.
    func encode(
        _ input: UnsafeRawBufferPointer,
        isLast: Bool,
        into output: UnsafeMutableRawBufferPointer
    ) throws(StreamError) -> (step: Step, isDone: Bool)
}

/// Compresses what it is given.
final class EncodingSink<Encoder: StreamEncoder>: FinishableSink {
    private let encoder: Encoder
    private let downstream: any ByteSink
    private var output = [UInt8](repeating: 0, count: 131_072)
    private var isFinished = false

    init(_ encoder: Encoder, over downstream: any ByteSink) {
        self.encoder = encoder
        self.downstream = downstream
    }

    func write(_ bytes: Span<UInt8>) throws(StreamError) {
        precondition(!isFinished, "write after finish")
        var taken = 0
        while taken < bytes.count {
            taken += try pass(bytes.extracting(taken..<bytes.count), isLast: false).consumed
        }
    }

    func finish() throws(StreamError) {
        precondition(!isFinished, "finished twice")
        isFinished = true
        let nothing: [UInt8] = []
        while try !pass(nothing.span, isLast: true).isDone {}
    }

    /// One call of the codec, and what came out to the downstream.
    private func pass(_ bytes: Span<UInt8>, isLast: Bool) throws(StreamError) -> (consumed: Int, isDone: Bool) {
        let result: Result<(step: Step, isDone: Bool), StreamError> = bytes.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBytes { room in
                do throws(StreamError) {
                    return .success(try encoder.encode(UnsafeRawBufferPointer(input), isLast: isLast, into: room))
                } catch { return .failure(error) }
            }
        }
        let (step, isDone) = try result.get()
        if step.produced > 0 {
            let ready = output
            try downstream.write(ready.span.extracting(0..<step.produced))
        }
        return (step.consumed, isDone)
    }
}
