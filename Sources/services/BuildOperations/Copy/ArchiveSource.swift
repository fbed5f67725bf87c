import ByteStreams
import CompressionCodecs
import LinuxSystem

/// A file of a source tree as the tar that it may hold, decompressed.
enum ArchiveSource {
    static func open(_ path: PathBytes, of tree: any SourceTree) throws -> any ByteSource {
        try Decompressor.detecting(FileSource(try tree.open(path), subject: path.description)).1
    }
}
