public import LinuxSystem

/// Reads an open file, pipe or socket; closes it at the end of its life.
public final class FileSource: ByteSource {
    private let descriptor: OwnedDescriptor
    private let subject: String?

    /// Takes over the descriptor; `subject` is for messages.
    public init(_ descriptor: consuming OwnedDescriptor, subject: String? = nil) {
        self.descriptor = descriptor
        self.subject = subject
    }

    /// Reads the next bytes; see `ByteSource`.
    public func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        do { return try DescriptorIO.read(descriptor.raw, into: &buffer, from: start) } catch {
            throw StreamError(.system(error), subject: subject)
        }
    }
}

/// Writes an open file, pipe or socket; closes it at the end of its life.
public final class FileSink: ByteSink {
    private let descriptor: OwnedDescriptor
    private let subject: String?

    /// Takes over the descriptor; `subject` is for messages.
    public init(_ descriptor: consuming OwnedDescriptor, subject: String? = nil) {
        self.descriptor = descriptor
        self.subject = subject
    }

    /// Takes all of `bytes`; see `ByteSink`.
    public func write(_ bytes: Span<UInt8>) throws(StreamError) {
        do { try DescriptorIO.write(descriptor.raw, bytes) } catch {
            throw StreamError(.system(error), subject: subject)
        }
    }
}
