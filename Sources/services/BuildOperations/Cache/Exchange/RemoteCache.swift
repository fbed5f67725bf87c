import ByteStreams
import CompressionCodecs
import ContentStorage
import ImageManagement
import OCISpec
import RegistryAccess
import Reporting

/// A cache at a registry, for reading: an artifact of its own, or an image that carries its cache.
struct RemoteCache: CacheLayers {
    let repository: RemoteRepository

    /// What it knows.
    func document(of reference: ImageReference, platform: Platform?, _ images: ImageCatalog) throws -> CacheDocument {
        let remote = try images.remoteImage(reference, platform: platform, at: repository)
        if remote.manifest.value.config.mediaType == CacheDocument.mediaType {
            return try CacheDocument(parsing: remote.config)
        }
        let type = remote.manifest.value.config.mediaType
        let config = try Document<ImageConfig>(bytes: remote.config, mediaType: type)
        return try CacheDocument(inlineOf: Image(manifest: remote.manifest, config: config, names: []), reference)
    }

    func copy(_ record: CacheDocument.Record, into content: ContentStore, _ images: ImageCatalog) throws {
        let layer = record.layer
        let bytes = repository.blob(record.blob)
        guard record.sent != nil else {
            return try images.takeLayer(from: bytes, expecting: layer.blob, diffID: layer.diffID, into: content)
        }
        let (_, plain) = try Decompressor.detecting(ReadAheadSource(bytes))
        let bounded = LimitedSource(plain, limit: layer.blob.size)
        try images.takeLayer(from: bounded, expecting: layer.blob, diffID: layer.diffID, into: content)
    }
}
