import ContentStorage
import ImageManagement
import MetadataStorage
import OCISpec
import Reporting

/// A place that has the layers of a cache. Nothing that comes from it is trusted.
protocol CacheLayers: Sendable {
    /// Copies a record's layer into the store; it must be the blob that it claims to be, and give the diff ID that it claims.
    func copy(_ record: CacheDocument.Record, into content: ContentStore, _ images: ImageCatalog) throws
}

/// A cache that was given to the build: its keys in memory, its layers where they are until one is wanted.
final class CacheSource: Sendable {
    let name: String
    private let records: [Digest: CacheDocument.Record]
    /// Where the blobs are; nil where they are in the store already.
    private let layers: (any CacheLayers)?
    private let images: ImageCatalog
    private let progress: ProgressSink

    init(
        _ name: String,
        _ document: CacheDocument,
        layers: (any CacheLayers)?,
        images: ImageCatalog,
        progress: @escaping ProgressSink
    ) {
        self.name = name
        self.images = images
        self.layers = layers
        self.progress = progress
        records = Dictionary(document.records.map { ($0.key, $0) }) { first, _ in first }
    }

    /// The layer for a key, copied into the store; nil where the cache doesn't know the key.
    ///
    /// A layer that can't be had or isn't what its digest says counts as unknown, and a note says so.
    func layer(for key: Digest, into cache: BuildCache) throws -> BuiltLayer? {
        guard let record = records[key] else { return nil }
        let layer = record.layer
        // Of a layer that the store has, only what the cache says of it may be wrong.
        if try cache.content.hold(layer.blob.digest), try isConsistent(layer, cache.metadata) { return layer }
        guard let layers else { return nil }
        do {
            try layers.copy(record, into: cache.content, images)
            return layer
        } catch let failure as any Failure where failure.kind != .cancelled && failure.kind != .exhausted {
            progress(.note("cache \(name): layer \(layer.blob.digest) is not used: \(failure.description)"))
            return nil
        }
    }

    private func isConsistent(_ layer: BuiltLayer, _ metadata: MetadataStore) throws -> Bool {
        layer.blob.mediaType.layerCompression == "none"
            ? layer.diffID == layer.blob.digest
            : try metadata.layers.blob(for: layer.diffID)?.digest == layer.blob.digest
    }
}
