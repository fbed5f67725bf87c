import ByteStreams
import CompressionCodecs
import LinuxSystem

/// A file of a source tree as the tar that it may hold: decompressed on the way, with the digest of the file itself.
struct ArchiveSource {
    let members: any ByteSource
    private let file: HashingSource

    init(_ path: PathBytes, of tree: any SourceTree) throws {
        file = HashingSource(FileSource(try tree.open(path), subject: path.description))
        members = try Decompressor.detecting(file).1
    }

    /// The 32 bytes of the whole file's SHA-256; reads what the archive left over.
    func sha256() throws -> [UInt8] {
        try file.drain()
        return file.digest()
    }
}
