import ByteStreams
import CompressionCodecs
import ContentStorage
import OCISpec
import Reporting
import TarFormat

/// Takes an image archive in, in one pass: documents stay in memory, everything else goes to the store as it comes,
/// because the document that says what is needed may come last.
///
/// Names in the archive are only ever compared with each other. Nothing is visible in the store before `keep` is called,
/// and what isn't kept vanishes with this value, or with the process.
final class ArchiveIntake {
    private let content: ContentStore
    private let held: ContentStore
    private(set) var contents = ArchiveContents()
    private var staged: [Digest: BlobWriter] = [:]
    private var documentBytes = 0

    /// No honest document is larger.
    private static let documentLimit = JSON.defaultLimit
    /// All documents together: they are in memory.
    private static let documentsLimit = 32 << 20
    /// Every file that waits is an open descriptor, and processes may have 1024.
    private static let stagedLimit = 700

    /// - Parameter held: the store under a lease: what it has already stays there until the lease ends.
    init(_ content: ContentStore, held: ContentStore) {
        self.content = content
        self.held = held
    }

    /// Reads an archive, compressed or not, to its end.
    func take(_ source: any ByteSource) throws {
        let counted = CountingSource(source)
        let (compression, plain) = try Decompressor.detecting(counted)
        let bounded = compression == .none ? plain : ExpansionGuard(plain, compressed: counted)
        let reader = TarReader(ReadAheadSource(bounded, chunkSize: 524_288, depth: 4))
        var isEmpty = true
        while let entry = try next(reader, isFirst: isEmpty) {
            isEmpty = false
            guard let path = ArchivePath(entry.path.bytes) else {
                if entry.path.hasParentComponent { throw Self.invalid("\"\(entry.path)\" points outside") }
                continue
            }
            try take(entry, at: path, from: reader)
        }
        try reader.finish()
        if isEmpty { throw PlainFailure(.corrupt, "not an image archive: it is empty") }
    }

    /// Puts one blob into the store.
    func keep(_ blob: Descriptor) throws {
        try staged.removeValue(forKey: blob.digest)?.commit(expecting: blob, durable: false)
    }

    private func next(_ reader: TarReader, isFirst: Bool) throws -> TarEntry? {
        do { return try reader.next() } catch {
            throw isFirst ? PlainFailure(.corrupt, "not an image archive: \(error.description)") : error
        }
    }

    private func take(_ entry: TarEntry, at path: ArchivePath, from reader: TarReader) throws {
        forget(path)
        switch entry.kind {
        case .symbolicLink(let target): contents.links[path] = ArchivePath(target: target.bytes, ofLinkAt: path)
        case .hardLink(let target): contents.links[path] = ArchivePath(target.bytes)
        case .file:
            guard entry.sparse == nil else { throw Self.invalid("\"\(path)\" is a sparse file") }
            try takeFile(entry, at: path, from: reader)
        default: break
        }
    }

    /// A name that comes again stands for what comes last, as if the archive were unpacked.
    private func forget(_ path: ArchivePath) {
        contents.documents[path] = nil
        contents.blobs[path] = nil
        contents.links[path] = nil
    }

    private func takeFile(_ entry: TarEntry, at path: ArchivePath, from reader: TarReader) throws {
        // In archives of before Docker 1.10, one for each layer.
        if path.name == "VERSION" { return }
        let member = MemberSource(reader)
        let source = PeekableSource(member)
        if Self.isDocument(try source.peek(512)) || Self.documentNames.contains(path) {
            return try takeDocument(source, at: path, size: entry.size)
        }
        let layer = try LayerIntake(content).member(source, size: entry.size) { try member.requireIntact() }
        let digest = try layer.writer.digest()
        try Self.requireName(path, digest)
        contents.blobs[path] = .init(digest: digest, size: entry.size, layer: layer.facts(digest: digest))
        if try staged[digest] != nil || content.contains(digest) && held.hold(digest) { return }
        staged[digest] = layer.writer
        guard staged.count <= Self.stagedLimit else { throw Self.invalid("more than \(Self.stagedLimit) layers") }
    }

    private func takeDocument(_ source: any ByteSource, at path: ArchivePath, size: Int64) throws {
        guard size <= Int64(Self.documentLimit) else {
            throw Self.invalid("document \"\(path)\" has \(size) bytes, the limit is \(Self.documentLimit)")
        }
        documentBytes += Int(size)
        guard documentBytes <= Self.documentsLimit else {
            throw Self.invalid("its documents have more than \(Self.documentsLimit) bytes")
        }
        let bytes = try source.readAll(limit: Self.documentLimit)
        try Self.requireName(path, Digest.of(bytes))
        contents.documents[path] = bytes
    }

    /// A file of an OCI layout must have the digest that is its name.
    private static func requireName(_ path: ArchivePath, _ digest: Digest) throws {
        guard let text = path.blobDigestText, digest.description != text else { return }
        throw invalid("\"\(path)\" has the digest \(digest)")
    }

    private static let documentNames: Set<ArchivePath> = [.dockerManifest, .layoutIndex, .layoutMarker, .repositories]

    /// JSON begins with a bracket.
    ///
    /// A tar may too, by its first name, but has a magic number further on.
    private static func isDocument(_ beginning: [UInt8]) -> Bool {
        guard let first = beginning.first(where: { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }),
            first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return false }
        return beginning.count < 262 || !beginning[257..<262].elementsEqual("ustar".utf8)
    }

    private static func invalid(_ detail: String) -> PlainFailure {
        PlainFailure(.corrupt, "invalid image archive: \(detail)")
    }
}
