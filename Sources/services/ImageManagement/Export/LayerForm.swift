package import CompressionCodecs
import OCISpec
package import Reporting

/// How a layer is to be written: its compression and, where that has levels, the level.
package struct LayerForm: Sendable, Hashable {
    package let compression: Compression
    /// Nil without compression.
    package let level: Int?

    package static let uncompressed = LayerForm(unchecked: .none, nil)
    package static let gzip = LayerForm(unchecked: .gzip, ParallelCompressor.levels(of: .gzip)?.standard)

    private init(unchecked compression: Compression, _ level: Int?) {
        self.compression = compression
        self.level = level
    }

    /// Uncompressed, gzip or zstd, at the format's own level unless one is named.
    package init(_ compression: Compression, level: Int? = nil) throws(PlainFailure) {
        guard compression != .none else {
            self = .uncompressed
            return
        }
        guard let levels = ParallelCompressor.levels(of: compression) else {
            throw PlainFailure(.unsupported, "layers can't be compressed with \(compression.rawValue)")
        }
        let level = level ?? levels.standard
        guard levels.allowed.contains(level) else {
            throw PlainFailure(
                .invalidArgument,
                "compression level \(level) is not one of \(compression.rawValue)",
                hint: "it has \(levels.allowed.lowerBound) to \(levels.allowed.upperBound)"
            )
        }
        self.init(unchecked: compression, level)
    }

    /// What the form is called in the database: everything that decides about the bytes.
    var key: String {
        guard let level else { return "uncompressed" }
        return compression == .gzip
            ? "gzip by libdeflate level \(level) members \(ParallelCompressor.gzipBlockSize)"
            : "\(compression.rawValue) level \(level) blocks \(ParallelCompressor.zstdBlockSize)"
    }

    var mediaType: MediaType {
        switch compression {
        case .gzip: .ociLayerGzip
        case .zstd: .ociLayerZstd
        default: .ociLayer
        }
    }
}
