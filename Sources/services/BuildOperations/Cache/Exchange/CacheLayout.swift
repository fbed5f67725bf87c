import ByteStreams
import ContentStorage
import ImageManagement
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// A folder with an exported cache, for reading. Nothing in it is trusted: names are digests, sizes are bounded, digests
/// are compared.
final class CacheLayout: CacheLayers {
    private let root: Directory
    private let blobs: Directory

    /// The largest document.
    private static let limit = JSON.defaultLimit

    init(_ path: FilePath) throws {
        do throws(SystemError) {
            let root = try Directory.open(path)
            blobs = try root.directory("blobs").directory("sha256")
            self.root = root
        } catch { throw PlainFailure(error.kind, "\(path): \(error.errno)") }
    }

    /// The cache that is called so.
    func document(tag: String?, digest: Digest?) throws -> CacheDocument {
        guard let bytes = try root.readFile("index.json", limit: Self.limit) else {
            throw PlainFailure(.notFound, "index.json: no such file")
        }
        let index = try Document<ImageIndex>(bytes: bytes, mediaType: .ociIndex).value
        let manifest = try Document<ImageManifest>(
            bytes: try read(try Self.choose(index.manifests, tag, digest)),
            mediaType: .ociManifest
        ).value
        guard manifest.config.mediaType == CacheDocument.mediaType else {
            throw PlainFailure(.unsupported, "\"\(manifest.config.mediaType)\" is no cache of socle's")
        }
        return try CacheDocument(parsing: try read(manifest.config))
    }

    private static func choose(_ entries: [Descriptor], _ tag: String?, _ digest: Digest?) throws -> Descriptor {
        let name = { (entry: Descriptor) in entry.annotations?[Annotation.referenceName] }
        if let digest {
            if let entry = entries.first(where: { $0.digest == digest }) { return entry }
            throw PlainFailure(.notFound, "no cache \(digest) in it")
        }
        if let entry = entries.last(where: { name($0) == tag ?? "latest" }) { return entry }
        if tag == nil, entries.count == 1 { return entries[0] }
        let names = entries.compactMap(name)
        throw PlainFailure(
            .notFound,
            "no cache tagged \"\(tag ?? "latest")\" in it",
            hint: names.isEmpty ? nil : "it has \(names.joined(separator: ", "))"
        )
    }

    /// A document by its descriptor.
    private func read(_ blob: Descriptor) throws -> [UInt8] {
        guard blob.size <= Int64(Self.limit) else { throw PlainFailure(.corrupt, "\(blob.digest): too large") }
        guard let bytes = try blobs.readFile(try Self.name(blob.digest), limit: Int(blob.size)) else {
            throw PlainFailure(.notFound, "blob \(blob.digest) is missing")
        }
        guard Digest.of(bytes) == blob.digest, Int64(bytes.count) == blob.size else {
            throw PlainFailure(.corrupt, "blob \(blob.digest): its content is another")
        }
        return bytes
    }

    /// Copies a layer into the store; it must be the blob that it claims to be, and give the diff ID that it claims.
    func copy(_ record: CacheDocument.Record, into content: ContentStore, _ images: ImageCatalog) throws {
        let layer = record.layer
        guard record.sent == nil else { throw PlainFailure(.unsupported, "compressed layers of a folder are not read") }
        let file = try blobs.openForReading(try Self.name(layer.blob.digest))
        let status = try FileStatus(of: file.raw)
        guard status.kind == .file else { throw PlainFailure(.corrupt, "it is no file") }
        guard status.size == layer.blob.size else {
            throw PlainFailure(.corrupt, "size is \(status.size) bytes, expected \(layer.blob.size)")
        }
        let source = FileSource(file, subject: "layer \(layer.blob.digest)")
        try images.takeLayer(from: source, expecting: layer.blob, diffID: layer.diffID, into: content)
    }

    private static func name(_ digest: Digest) throws -> PathBytes {
        guard digest.algorithm == "sha256" else {
            throw PlainFailure(.unsupported, "digests of \(digest.algorithm) are not supported")
        }
        return PathBytes(digest.hex)
    }
}
