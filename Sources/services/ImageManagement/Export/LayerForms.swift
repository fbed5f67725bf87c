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
        if let known = try held(diffID, stored: stored, as: form) { return known }
        return try make(diffID, stored: stored, as: form)
    }

    /// The blob that holds a layer in a form, if it is there; it stays then as long as the lease.
    func held(_ diffID: Digest, stored: Descriptor, as form: LayerForm) throws -> Descriptor? {
        if form == .uncompressed {
            if stored.digest == diffID { return stored }
            guard try content.hold(diffID), let size = try content.size(diffID) else { return nil }
            return Descriptor(mediaType: form.mediaType, digest: diffID, size: size)
        }
        guard let known = try metadata.layerForms.blob(diffID, form: form.key),
            try content.holds(known.digest, size: known.size)
        else { return nil }
        return known
    }

    /// Makes the blob that holds a layer in a form.
    ///
    /// - Parameter witness: gets the blob's bytes as well, when they are written.
    func make(
        _ diffID: Digest,
        stored: Descriptor,
        as form: LayerForm,
        witness: (any ByteSink)? = nil
    ) throws -> Descriptor {
        // The diff ID is compared below, so the blob need not be.
        let (_, plain) = try Decompressor.detecting(try content.openUnverified(stored))
        let hashed = HashingSource(ReadAheadSource(plain, chunkSize: 524_288, depth: 4))
        let writer = try content.writer()
        let output: any ByteSink = if let witness { WitnessedSink(writer, witness) } else { writer }
        if form == .uncompressed {
            try hashed.copy(to: output)
        } else {
            let sink = try ParallelCompressor.sink(
                form.compression,
                level: form.level,
                threads: min(CPUCount.online, Self.mostThreads),
                over: output
            )
            try hashed.copy(to: sink)
            try sink.finish()
        }
        guard Digest(sha256: hashed.digest()) == diffID else {
            throw PlainFailure(.corrupt, "layer \(stored.digest) does not hold what its diff ID \(diffID) says")
        }
        let blob = try writer.commit(durable: false)
        let made = Descriptor(mediaType: form.mediaType, digest: blob.digest, size: blob.size)
        if form != .uncompressed { try metadata.layerForms.set(diffID, form: form.key, made) }
        return made
    }

    /// More would only take memory: reading and digesting keep no more than these busy.
    private static let mostThreads = 8
}

/// A sink that shows what it takes to another one first.
private final class WitnessedSink: ByteSink {
    private let downstream: any ByteSink
    private let witness: any ByteSink

    init(_ downstream: any ByteSink, _ witness: any ByteSink) {
        self.downstream = downstream
        self.witness = witness
    }

    func write(_ bytes: Span<UInt8>) throws(StreamError) {
        try witness.write(bytes)
        try downstream.write(bytes)
    }
}
