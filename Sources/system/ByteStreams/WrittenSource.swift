internal import LinuxSystem

/// What somebody writes, as a source: the writing goes on, on a thread of its own, as it is read.
///
/// An error of the writer comes to the reader at the end. Who stops reading early makes the writer's next write fail.
public final class WrittenSource: ByteSource {
    private let reading: FileSource
    private let outcome = Guarded<StreamError?>(nil)

    /// Starts `body`, which writes to the sink that it gets.
    public init(_ body: @escaping @Sendable (any ByteSink) throws -> Void) throws(StreamError) {
        let sink: WrittenEnd
        do throws(SystemError) {
            var pipe = try Pipe()
            pipe.reading.widenPipe()
            reading = FileSource(try pipe.reading.duplicate())
            sink = WrittenEnd(try OwnedDescriptor.duplicate(of: pipe.writingEnd))
            pipe.closeWriting()
        } catch { throw StreamError(.system(error)) }
        let hasStarted = DetachedThread.start { [outcome] in
            do { try body(sink) } catch {
                outcome.update { $0 = error as? StreamError ?? StreamError(.corrupt("\(error)")) }
            }
            sink.close()
        }
        if !hasStarted { throw StreamError(.corrupt("the system has no thread to give")) }
    }

    /// Reads the next bytes; see `ByteSource`.
    public func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let count = try reading.read(into: &buffer, from: start)
        if count == 0, let failure = outcome.update({ $0 }) { throw failure }
        return count
    }
}

/// The end that is written to; closing it is the end for the reader.
private final class WrittenEnd: ByteSink, Sendable {
    private let open: Guarded<OwnedDescriptorBox?>

    init(_ descriptor: consuming OwnedDescriptor) { open = Guarded(OwnedDescriptorBox(descriptor)) }

    func write(_ bytes: Span<UInt8>) throws(StreamError) {
        guard let box = open.update({ $0 }) else { return }
        do { try DescriptorIO.write(box.descriptor.raw, bytes) } catch { throw StreamError(.system(error)) }
    }

    func close() { open.update { $0 = nil } }
}

/// A descriptor that several hold.
final class OwnedDescriptorBox: Sendable {
    let descriptor: OwnedDescriptor
    init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
}
