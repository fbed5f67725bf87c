import ByteStreams
import CompressionCodecs
import ContentStorage
import LayerTransfer
import OCISpec
import Reporting

/// Takes layers into the store in one pass: the bytes are written while they are uncompressed, digested and checked.
///
/// Uncompressed, gzip and zstd layers are kept as they come. For xz and bzip2 the image formats have no name; such a
/// root file system is stored uncompressed.
struct LayerIntake {
    let content: ContentStore

    init(_ content: ContentStore) { self.content = content }

    /// Takes in a root file system, all that `source` has; fails on what can't be unpacked later.
    ///
    /// Reading, checking and writing go on at the same time.
    func rootFileSystem(from source: PeekableSource, _ compression: Compression) throws -> StagedLayer {
        let writer = try content.writer()
        let behind = WriteBehindSink(writer, chunkSize: Self.chunkSize, depth: 4)
        let found: StagedLayer.Content
        switch compression {
        case .none: found = try Self.plain(TapSource(source, sink: behind))
        case .bzip2, .xz:
            let bytes = ReadAheadSource(
                try Self.uncompressed(source, compression),
                chunkSize: Self.chunkSize,
                depth: 4
            )
            found = try Self.plain(TapSource(bytes, sink: behind))
        case .gzip, .zstd:
            let raw = TapSource(source, sink: behind)
            let bytes = ReadAheadSource(try Self.uncompressed(raw, compression), chunkSize: Self.chunkSize, depth: 4)
            found = try Self.compressed(bytes, compression)
        }
        try behind.finish()
        return StagedLayer(writer: writer, content: found)
    }

    /// Takes in a file of an image archive, which may be a layer or anything else; what it is only matters if a
    /// manifest names it, so that it can't be a layer is remembered and not thrown.
    ///
    /// `check` throws when the archive itself is at fault.
    func member(_ source: PeekableSource, size: Int64, check: () throws -> Void) throws -> StagedLayer {
        let compression = Compression.detect(try source.peek(Compression.magicLength))
        let writer = try content.writer()
        let behind = size > Int64(Self.chunkSize) ? WriteBehindSink(writer, chunkSize: Self.chunkSize, depth: 4) : nil
        let raw = TapSource(source, sink: behind ?? writer)
        var found: StagedLayer.Content
        do {
            switch compression {
            case .none: found = try Self.plain(raw)
            case .gzip, .zstd:
                found = try Self.compressed(try Self.uncompressed(raw, compression), compression)
            case .bzip2, .xz:
                throw PlainFailure(.unsupported, "a layer compressed with \(compression.rawValue) is not supported")
            }
        } catch let failure as any Failure {
            try check()
            found = .refused(LayerRefusal(description: failure.description, kind: failure.kind))
        }
        try raw.drain()
        try behind?.finish()
        return StagedLayer(writer: writer, content: found)
    }

    static let chunkSize = 524_288

    static func plain(_ source: any ByteSource) throws -> StagedLayer.Content {
        .plain(try TarCheck.validate(source))
    }

    static func compressed(_ source: any ByteSource, _ compression: Compression) throws -> StagedLayer.Content {
        let hashed = HashingSource(source)
        let usage = try TarCheck.validate(hashed)
        let type = compression == .gzip ? MediaType.ociLayerGzip : .ociLayerZstd
        return .compressed(usage, diffID: Digest(sha256: hashed.digest()), type)
    }

    static func uncompressed(_ source: any ByteSource, _ compression: Compression) throws -> any ByteSource {
        let counted = CountingSource(source)
        return ExpansionGuard(try Decompressor.source(compression, over: counted), compressed: counted)
    }
}

/// A layer on its way into the store: all its bytes are written, and nothing points at it yet.
///
/// Dropping it drops them.
struct StagedLayer {
    /// What was found out on the way.
    enum Content {
        /// Uncompressed: the blob's digest is the diff ID.
        case plain(LayerUsage)
        case compressed(LayerUsage, diffID: Digest, MediaType)
        /// It can't be a layer.
        case refused(LayerRefusal)
    }

    var writer: BlobWriter
    var content: Content

    /// What the layer is once its blob's digest is known.
    func facts(digest: Digest) -> Result<LayerFacts, LayerRefusal> {
        switch content {
        case .plain(let usage):
            .success(LayerFacts(diffID: digest, mediaType: .ociLayer, contentSize: usage.bytes))
        case .compressed(let usage, let diffID, let type):
            .success(LayerFacts(diffID: diffID, mediaType: type, contentSize: usage.bytes))
        case .refused(let refusal): .failure(refusal)
        }
    }
}
