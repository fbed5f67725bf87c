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
        if try compression != .none || isTar(peekable.peek(headerSize)) { return .archive(peekable) }
        return .dockerfile(try peekable.readAll(limit: largestDockerfile))
    }

    /// The tar that a file is, decompressed; nil where it is something else, compressed or not.
    static func archive(in source: any ByteSource) throws -> (any ByteSource)? {
        let (_, plain) = try Decompressor.detecting(source)
        let peekable = PeekableSource(plain)
        return try isTar(peekable.peek(headerSize)) ? peekable : nil
    }

    /// Unpacks into a directory of the store's; what the files hold, in bytes.
    @discardableResult
    static func unpack(_ archive: any ByteSource, into directory: consuming Directory) throws -> Int64 {
        try LayerApplier(into: directory, whiteouts: .remove).apply(archive).bytes
    }

    private static func isTar(_ start: [UInt8]) -> Bool {
        // A header that can't be read is no header.
        (try? TarReader(MemorySource(start)).next()) != nil
    }
}
