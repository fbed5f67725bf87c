public import LinuxSystem

/// A file whose parts are read at the same time, each as a source of its own.
public final class SegmentedFile: Sendable {
    private let file: OwnedDescriptorBox
    private let subject: String
    /// In bytes.
    public let size: Int64

    /// Takes over the descriptor of a file, not of a pipe; `subject` is for messages.
    public init(_ descriptor: consuming OwnedDescriptor, subject: String) throws(StreamError) {
        do throws(SystemError) { size = try FileStatus(of: descriptor.raw).size } catch {
            throw StreamError(.system(error), subject: subject)
        }
        file = OwnedDescriptorBox(descriptor)
        self.subject = subject
    }

    /// The bytes `range`, as far as the file has them.
    public func segment(_ range: Range<Int64>) -> any SkippableSource { Segment(file, range, subject) }

    private final class Segment: SkippableSource {
        private let file: OwnedDescriptorBox
        private let subject: String
        private var position: Int64
        private let end: Int64

        init(_ file: OwnedDescriptorBox, _ range: Range<Int64>, _ subject: String) {
            self.file = file
            self.subject = subject
            position = range.lowerBound
            end = range.upperBound
        }

        func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
            let wanted = Int(min(Int64(buffer.count - start), end - position))
            if wanted == 0 { return 0 }
            let bytes: [UInt8]
            do { bytes = try DescriptorIO.read(file.descriptor.raw, at: position, count: wanted) } catch {
                throw StreamError(.system(error), subject: subject)
            }
            buffer.replaceSubrange(start..<start + bytes.count, with: bytes)
            position += Int64(bytes.count)
            return bytes.count
        }

        func skip(_ count: Int64) -> Bool {
            guard count <= end - position else { return false }
            position += count
            return true
        }
    }
}
