import ByteStreams
import OCISpec
import RegistryAccess
import Reporting

/// What a pull will fetch: the documents are here, the layers are known.
struct PullPlan {
    /// What the name stands for at the registry: an index or a manifest.
    var root: Descriptor
    var manifest: Document<ImageManifest>
    var config: Document<ImageConfig>
    /// Base first.
    var layers: [(diffID: Digest, blob: Descriptor)]

    /// Indexes in indexes are not deeper.
    private static let maximumDepth = 4
    /// No honest config is larger.
    private static let configLimit = JSON.defaultLimit

    /// Asks for the documents; `known` gives the bytes of one that is in the store, and `admit` throws where the image must
    /// not be used: before anything of it is asked for but manifests.
    init(
        _ root: Descriptor,
        of repository: RemoteRepository,
        platform: Platform,
        known: (Descriptor) throws -> [UInt8]?,
        admit: (Digest) throws -> Void
    ) throws {
        self.root = root
        let reference = repository.reference
        manifest = try Self.manifest(root, of: repository, platform, known)
        try admit(manifest.descriptor.digest)
        let described = manifest.value.config
        guard described.mediaType.role == .config else {
            throw PlainFailure(
                .unsupported,
                "\(reference.familiar) is not an image: its config is of type \"\(described.mediaType)\"",
                hint: "artifacts can be copied (socle copy), but not run"
            )
        }
        config = try Self.document(described, repository, known) {
            guard described.size <= Int64(Self.configLimit) else {
                throw PlainFailure(.exhausted, "\(reference.familiar): its config has \(described.size) bytes")
            }
            return try repository.blob(described).readAll(limit: Self.configLimit)
        }
        let diffIDs = config.value.rootfs.diffIDs
        guard diffIDs.count == manifest.value.layers.count else {
            throw PlainFailure(
                .corrupt,
                "\(reference.familiar): its config has \(diffIDs.count) layers, its manifest \(manifest.value.layers.count)"
            )
        }
        layers = Array(zip(diffIDs, manifest.value.layers))
        for (_, layer) in layers where layer.mediaType.role != .layer {
            throw PlainFailure(.unsupported, "\(reference.familiar): a layer is of type \"\(layer.mediaType)\"")
        }
    }

    /// The manifest that a descriptor leads to: itself, or the one for the platform of the index that it is.
    static func manifest(
        _ root: Descriptor,
        of repository: RemoteRepository,
        _ platform: Platform,
        _ known: (Descriptor) throws -> [UInt8]?
    ) throws -> Document<ImageManifest> {
        var next = root
        for _ in 0..<maximumDepth {
            let fetch = { try repository.manifest(.digest(next.digest)).bytes }
            guard next.mediaType.role == .index else { return try document(next, repository, known, fetch: fetch) }
            let index: Document<ImageIndex> = try document(next, repository, known, fetch: fetch)
            guard let chosen = index.value.manifest(for: platform) else {
                let offered = index.value.manifests.compactMap(\.platform).filter { $0.os != "unknown" }
                throw PlainFailure(
                    .notFound,
                    "no matching manifest for \(platform) in the manifest list entries",
                    hint: offered.isEmpty
                        ? nil : "it has \(offered.map(\.description).joined(separator: ", "))"
                )
            }
            next = chosen
        }
        throw PlainFailure(.corrupt, "\(repository.reference.familiar): indexes are nested too deeply")
    }

    /// A document, compared with its descriptor.
    private static func document<Value: ImageDocument>(
        _ descriptor: Descriptor,
        _ repository: RemoteRepository,
        _ known: (Descriptor) throws -> [UInt8]?,
        fetch: () throws -> [UInt8]
    ) throws -> Document<Value> {
        let bytes = try known(descriptor) ?? fetch()
        let actual = Digest.of(bytes)
        guard actual == descriptor.digest, Int64(bytes.count) == descriptor.size else {
            throw PlainFailure(
                .corrupt,
                "\(repository.reference.familiar): verification failed for \(descriptor.digest): what came has the digest "
                    + "\(actual) and \(bytes.count) bytes"
            )
        }
        do { return try Document<Value>(bytes: bytes, mediaType: descriptor.mediaType) } catch {
            throw PlainFailure(.corrupt, "\(repository.reference.familiar): \(descriptor.digest): \(error)")
        }
    }
}
