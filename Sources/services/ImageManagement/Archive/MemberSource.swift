import ByteStreams
import TarFormat

/// The body of an archive's current entry as a source.
final class MemberSource: ByteSource {
    private let reader: TarReader
    /// What went wrong with the archive itself, as against what its reader made of the bytes.
    private(set) var failure: TarError?

    init(_ reader: TarReader) { self.reader = reader }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        do { return try reader.readBody(into: &buffer, from: start) } catch {
            failure = error
            throw StreamError(.corrupt(error.description))
        }
    }

    /// Throws if the archive is at fault.
    func requireIntact() throws { if let failure { throw failure } }
}
