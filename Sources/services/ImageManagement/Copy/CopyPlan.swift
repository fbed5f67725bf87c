import OCISpec
import RegistryAccess
import Reporting

/// What is to be copied: all documents, checked, and the blobs that they name.
struct CopyPlan {
    /// A manifest or index with its bytes.
    struct Entry {
        var descriptor: Descriptor
        var bytes: [UInt8]
    }

    /// What the source was asked for, or the manifests of one platform in their places.
    private(set) var roots: [Descriptor] = []
    /// Each once, what is named before what names it.
    private(set) var documents: [Entry] = []
    /// Configs and layers, each once.
    private(set) var blobs: [Descriptor] = []
    private var seen: Set<Digest> = []

    /// Indexes in indexes are not deeper.
    private static let maximumDepth = 4
    /// More manifests than any honest index leads to.
    private static let mostDocuments = 10_000

    /// Reads the documents of a source: of all platforms, or of one.
    init(_ source: any CopySource, platform: Platform?) throws {
        try self.init(source, source.roots(), platform: platform)
    }

    /// The same of some of the documents that a source has.
    init(_ source: any CopySource, _ chosen: [Descriptor], platform: Platform? = nil) throws {
        for root in chosen {
            var root = root
            if let platform { root = try Self.choose(root, platform, source) }
            try add(root, from: source, depth: 0)
            roots.append(root)
        }
    }

    private mutating func add(_ descriptor: Descriptor, from source: any CopySource, depth: Int) throws {
        guard depth < Self.maximumDepth else {
            throw PlainFailure(.corrupt, "\(descriptor.digest): indexes are nested too deeply")
        }
        guard seen.insert(descriptor.digest).inserted else { return }
        let bytes = try Self.bytes(descriptor, source)
        switch descriptor.mediaType.role {
        case .index:
            let index: Document<ImageIndex> = try Self.document(bytes, descriptor)
            for child in index.value.manifests { try add(child, from: source, depth: depth + 1) }
        case .manifest:
            let manifest: Document<ImageManifest> = try Self.document(bytes, descriptor)
            for blob in [manifest.value.config] + manifest.value.layers where seen.insert(blob.digest).inserted {
                blobs.append(blob)
            }
        default:
            throw PlainFailure(.unsupported, "\(descriptor.digest) has the unknown type \"\(descriptor.mediaType)\"")
        }
        guard documents.count < Self.mostDocuments else {
            throw PlainFailure(.exhausted, "more than \(Self.mostDocuments) manifests are to be copied")
        }
        documents.append(Entry(descriptor: descriptor, bytes: bytes))
    }

    /// The manifest for a platform that a root leads to.
    private static func choose(_ root: Descriptor, _ platform: Platform, _ source: any CopySource) throws -> Descriptor {
        var next = root
        for _ in 0..<maximumDepth where next.mediaType.role == .index {
            let index: Document<ImageIndex> = try document(bytes(next, source), next)
            guard let chosen = index.value.manifest(for: platform) else {
                let offered = index.value.manifests.compactMap(\.platform).filter { $0.os != "unknown" }
                throw PlainFailure(
                    .notFound,
                    "no image for \(platform) in index \(next.digest)",
                    hint: offered.isEmpty ? nil : "it has \(offered.map(\.description).joined(separator: ", "))"
                )
            }
            next = chosen
        }
        // What the index says of it alone isn't wanted; the names are.
        next.annotations = root.annotations
        return next
    }

    private static func bytes(_ descriptor: Descriptor, _ source: any CopySource) throws -> [UInt8] {
        guard descriptor.size <= Int64(RemoteRepository.manifestLimit) else {
            throw PlainFailure(.exhausted, "manifest \(descriptor.digest) has \(descriptor.size) bytes")
        }
        let bytes = try source.document(descriptor)
        guard Int64(bytes.count) == descriptor.size, Digest.of(bytes) == descriptor.digest else {
            throw PlainFailure(
                .corrupt,
                "manifest verification failed for \(descriptor.digest): what came has the digest \(Digest.of(bytes)) and "
                    + "\(bytes.count) bytes"
            )
        }
        return bytes
    }

    private static func document<Value: ImageDocument>(_ bytes: [UInt8], _ descriptor: Descriptor) throws -> Document<Value> {
        do { return try Document(bytes: bytes, mediaType: descriptor.mediaType) } catch {
            throw PlainFailure(.corrupt, "\(descriptor.digest): \(error.description)")
        }
    }
}
