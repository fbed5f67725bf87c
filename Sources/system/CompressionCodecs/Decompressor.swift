public import ByteStreams

/// Makes sources of plain bytes over sources of compressed ones.
public enum Decompressor {
    /// The plain bytes of `upstream`, which is compressed in this way from its first byte to its last.
    ///
    /// Members, frames and streams one after another are one content. Zeros behind a gzip or bzip2 file are padding;
    /// anything else there is an error, as is an end before the end.
    public static func source(
        _ compression: Compression,
        over upstream: any ByteSource
    ) throws(StreamError) -> any ByteSource {
        switch compression {
        case .none: upstream
        case .gzip: DecodingSource(try GzipDecoder(), over: upstream)
        case .bzip2: DecodingSource(Bzip2Decoder(), over: upstream)
        case .xz: DecodingSource(try XZDecoder(), over: upstream)
        case .zstd: DecodingSource(try ZstdDecoder(), over: upstream)
        }
    }

    /// Finds out by the first bytes how `upstream` is compressed, if at all, and gives its plain bytes.
    public static func detecting(
        _ upstream: any ByteSource
    ) throws(StreamError) -> (Compression, any ByteSource) {
        let peekable = PeekableSource(upstream)
        let compression = Compression.detect(try peekable.peek(Compression.magicLength))
        return (compression, try source(compression, over: peekable))
    }
}
