import ContentStorage
import OCISpec

/// What a manifest or an index refers to.
struct ManifestParts: Sendable {
    /// Configs and layers, and whatever isn't a manifest.
    var blobs: [Descriptor] = []
    /// Layers that are fetched from elsewhere.
    var foreign: [Descriptor] = []
    /// What an index lists.
    var manifests: [Descriptor] = []
    /// What it says something about.
    var subject: Descriptor?
    /// What it is, as lists of referrers say.
    var artifactType: String?
    /// Its notes.
    var annotations: [String: String]?

    /// The digests of all that must be there for it.
    var digests: [Digest] { (blobs + manifests).map(\.digest) }

    /// No manifest that is pushed is larger.
    static let limit = 4 << 20

    /// Reads a document of either kind.
    init(_ bytes: [UInt8], mediaType: MediaType) throws(JSONError) {
        switch mediaType.role {
        case .index:
            let index = try Self.document(ImageIndex.self, bytes, mediaType)
            for entry in index.manifests {
                if [.manifest, .index].contains(entry.mediaType.role) {
                    manifests.append(entry)
                } else {
                    blobs.append(entry)
                }
            }
            subject = index.subject
            artifactType = index.artifactType
            annotations = index.annotations
        default:
            let manifest = try Self.document(ImageManifest.self, bytes, mediaType)
            foreign = manifest.layers.filter(Self.isForeign)
            blobs = [manifest.config] + manifest.layers.filter { !Self.isForeign($0) }
            subject = manifest.subject
            artifactType = manifest.artifactType ?? manifest.config.mediaType.rawValue
            annotations = manifest.annotations
        }
    }

    private static func document<Value: ImageDocument>(
        _ type: Value.Type,
        _ bytes: [UInt8],
        _ mediaType: MediaType
    ) throws(JSONError) -> Value {
        try Document<Value>(bytes: bytes, mediaType: mediaType).value
    }

    private static func isForeign(_ layer: Descriptor) -> Bool {
        layer.mediaType == .dockerForeignLayer || layer.mediaType.rawValue.contains(".nondistributable.")
            || layer.urls?.isEmpty == false
    }
}
