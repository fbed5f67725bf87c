import ByteStreams
import CompressionCodecs
import ContentStorage
import LayerTransfer
import OCISpec
import Reporting

extension LayerIntake {
    /// What a blob of the store is, taken for a layer: it is read once to its end.
    ///
    /// Nil where it is none. Its digest was compared when it came.
    func facts(of blob: Descriptor) throws -> LayerFacts? {
        let source = PeekableSource(try content.openUnverified(blob))
        let compression = Compression.detect(try source.peek(Compression.magicLength))
        let found: StagedLayer.Content
        do {
            switch compression {
            case .none: found = try Self.plain(source)
            case .gzip, .zstd:
                let plain = ReadAheadSource(
                    try Self.uncompressed(source, compression),
                    chunkSize: Self.chunkSize,
                    depth: 4
                )
                found = try Self.compressed(plain, compression)
            case .bzip2, .xz: return nil
            }
        } catch let failure as any Failure where [.corrupt, .unsupported, .exhausted].contains(failure.kind) {
            return nil
        }
        switch found {
        case .plain(let usage):
            return LayerFacts(diffID: blob.digest, mediaType: .ociLayer, contentSize: usage.bytes)
        case .compressed(let usage, let diffID, let type):
            return LayerFacts(diffID: diffID, mediaType: type, contentSize: usage.bytes)
        case .refused: return nil
        }
    }
}
