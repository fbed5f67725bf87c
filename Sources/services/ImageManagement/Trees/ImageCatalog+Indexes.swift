import ByteStreams
import CompressionCodecs
import ContentStorage
package import LayerTransfer
package import OCISpec
import Reporting
import SnapshotStorage

extension ImageCatalog {
    /// Whether all layers of a stack are unpacked.
    package func areUnpacked(_ diffIDs: [Digest]) throws -> Bool {
        try diffIDs.allSatisfy { try snapshots.tree($0) != nil }
    }

    /// What a layer says of names: the kept index, or one made in a pass over its blob, which is verified on the way.
    ///
    /// Two processes may make the same one; it makes no difference who comes last.
    package func index(of diffID: Digest, in blob: Descriptor) throws -> LayerIndex {
        if let kept = try snapshots.index(diffID, limit: LayerIndex.largest).flatMap({ LayerIndex(bytes: $0) }) {
            return kept
        }
        guard try content.contains(blob.digest) else {
            throw PlainFailure(.corrupt, "layer \(blob.digest) is missing", hint: "load or build the image again")
        }
        let (_, plain) = try Decompressor.detecting(try content.open(blob))
        let index = try LayerIndex.make(of: ReadAheadSource(plain, chunkSize: 524_288, depth: 4))
        try snapshots.keepIndex(index.bytes, of: diffID)
        return index
    }
}
