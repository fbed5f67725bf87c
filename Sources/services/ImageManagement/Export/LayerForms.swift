import ByteStreams
import CompressionCodecs
package import ContentStorage
import LinuxSystem
package import MetadataStorage
package import OCISpec
import Reporting

/// Writes layers in other forms than they are stored in: where an image leaves the store.
///
/// A layer is written in a form once: the store remembers the blob by diff ID and form. Where that blob is gone, making it
/// again gives the same bytes, on any number of cores. Memory is bounded by the compressor's blocks.
package struct LayerForms: Sendable {
    let content: ContentStore
    let metadata: MetadataStore

    /// Blobs are made through `content`: under a lease, if it has one.
    package init(content: ContentStore, metadata: MetadataStore) {
        self.content = content
        self.metadata = metadata
    }

    /// The blob that holds a layer in a form, made if it isn't there.
    package func blob(_ diffID: Digest, stored: Descriptor, as form: LayerForm) throws -> Descriptor {
        if form == .uncompressed {
            if stored.digest == diffID { return stored }
            if try content.hold(diffID), let size = try content.size(diffID) {
                return Descriptor(mediaType: form.mediaType, digest: diffID, size: size)
            }
        } else if let known = try metadata.layerForms.blob(diffID, form: form.key),
            try content.holds(known.digest, size: known.size)
        {
            return known
        }
        let made = try make(diffID, stored, form)
        if form != .uncompressed { try metadata.layerForms.set(diffID, form: form.key, made) }
        return made
    }

    private func make(_ diffID: Digest, _ stored: Descriptor, _ form: LayerForm) throws -> Descriptor {
        let (_, plain) = try Decompressor.detecting(try content.open(stored))
        let hashed = HashingSource(ReadAheadSource(plain, chunkSize: 524_288, depth: 4))
        let writer = try content.writer()
        if form == .uncompressed {
            try hashed.copy(to: writer)
        } else {
            let sink = try ParallelCompressor.sink(
                form.compression,
                level: form.level,
                threads: min(CPUCount.online, Self.mostThreads),
                over: writer
            )
            try hashed.copy(to: sink)
            try sink.finish()
        }
        guard Digest(sha256: hashed.digest()) == diffID else {
            throw PlainFailure(.corrupt, "layer \(stored.digest) does not hold what its diff ID \(diffID) says")
        }
        let blob = try writer.commit(durable: false)
        return Descriptor(mediaType: form.mediaType, digest: blob.digest, size: blob.size)
    }

    /// More would only take memory: reading and digesting keep no more than these busy.
    private static let mostThreads = 8
}
