package import ByteStreams
package import ContentStorage
package import OCISpec
import Reporting

extension ImageCatalog {
    /// Takes one layer from outside into a store: it must be the blob that is expected, be a layer, and have the diff ID.
    ///
    /// It is read once; nothing is kept of one that is anything else.
    package func takeLayer(
        from source: any ByteSource,
        expecting blob: Descriptor,
        diffID: Digest,
        into content: ContentStore
    ) throws {
        let staged = try LayerIntake(content).member(PeekableSource(source), size: blob.size) {}
        switch staged.facts(digest: try staged.writer.digest()) {
        case .failure(let refusal): throw PlainFailure(refusal.kind, refusal.description)
        case .success(let facts):
            guard facts.mediaType.layerCompression == blob.mediaType.layerCompression else {
                throw PlainFailure(.corrupt, "it is no \"\(blob.mediaType)\"")
            }
            guard facts.diffID == diffID else {
                throw PlainFailure(.corrupt, "its diff ID is \(facts.diffID), expected \(diffID)")
            }
            try staged.writer.commit(expecting: blob, durable: false)
        }
    }
}
