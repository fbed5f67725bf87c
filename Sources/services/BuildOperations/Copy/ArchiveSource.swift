import ByteStreams
import CompressionCodecs
import LinuxSystem
import OCISpec

/// A file of a source tree as the tar that it may hold: decompressed on the way, with the digest of the file itself.
struct ArchiveSource {
    let members: any ByteSource
    private let file: HashingSource

    init(_ path: PathBytes, of tree: any SourceTree) throws {
        file = HashingSource(FileSource(try tree.open(path), subject: path.description))
        members = try Decompressor.detecting(file).1
    }

    /// The digest of the whole file; reads what the archive left over.
    func digest() throws -> Digest {
        try file.drain()
        return Digest(sha256: file.digest())
    }
}
