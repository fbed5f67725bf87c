import ByteStreams
import CompressionCodecs
import LayerTransfer
import LinuxSystem
import Reporting
import SnapshotStorage
import TarFormat

/// A build context from a stream: a tar, plain or compressed, or else a Dockerfile without files.
enum ContextTar {
    /// What the stream turned out to be.
    enum Content {
        case archive(any ByteSource)
        case dockerfile([UInt8])
    }

    private static let headerSize = 512
    private static let largestDockerfile = 16 << 20

    static func detect(_ source: any ByteSource) throws -> Content {
        let (compression, plain) = try Decompressor.detecting(source)
        let peekable = PeekableSource(plain)
        let start = try peekable.peek(headerSize)
        if compression != .none || isTar(start) { return .archive(peekable) }
        return .dockerfile(try peekable.readAll(limit: largestDockerfile))
    }

    /// Unpacks into a directory of the store's.
    static func unpack(_ archive: any ByteSource, into directory: consuming Directory) throws {
        _ = try LayerApplier(into: directory, whiteouts: .remove).apply(archive)
    }

    private static func isTar(_ start: [UInt8]) -> Bool {
        // A header that can't be read is no header.
        (try? TarReader(MemorySource(start)).next()) != nil
    }
}
