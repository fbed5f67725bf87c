import ByteStreams
import TarFormat

/// A layer being written, as a sink for the body of its latest member.
final class LayerSink: ByteSink {
    private var writer: TarWriter?

    init(_ sink: any ByteSink) { writer = TarWriter(to: sink) }

    func append(_ entry: TarEntry) throws(TarError) { try writer?.append(entry) }

    func write(_ bytes: Span<UInt8>) throws(StreamError) {
        do throws(TarError) { try writer?.write(bytes) } catch {
            if case .stream(let reason) = error.reason { throw reason }
            throw StreamError(.corrupt(error.description))
        }
    }

    /// Ends the layer; nothing is written to it any more.
    func finish() throws(TarError) { try writer.take()?.finish() }
}
