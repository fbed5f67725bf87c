/// What a blob is, as its descriptor says.
public struct MediaType: RawRepresentable, Hashable, Sendable {
    /// The text.
    public let rawValue: String

    /// Makes one from its parts.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// OCI's manifest.
    public static let ociManifest = MediaType(rawValue: "application/vnd.oci.image.manifest.v1+json")
    /// OCI's index.
    public static let ociIndex = MediaType(rawValue: "application/vnd.oci.image.index.v1+json")
    /// OCI's image config.
    public static let ociConfig = MediaType(rawValue: "application/vnd.oci.image.config.v1+json")
    /// OCI's uncompressed layer.
    public static let ociLayer = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar")
    /// OCI's layer compressed with gzip.
    public static let ociLayerGzip = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+gzip")
    /// OCI's layer compressed with zstd.
    public static let ociLayerZstd = MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+zstd")
    /// OCI's empty document.
    public static let ociEmpty = MediaType(rawValue: "application/vnd.oci.empty.v1+json")

    /// Docker's manifest.
    public static let dockerManifest = MediaType(rawValue: "application/vnd.docker.distribution.manifest.v2+json")
    /// Docker's index.
    public static let dockerManifestList = MediaType(
        rawValue: "application/vnd.docker.distribution.manifest.list.v2+json"
    )
    /// Docker's image config.
    public static let dockerConfig = MediaType(rawValue: "application/vnd.docker.container.image.v1+json")
    /// Docker's uncompressed layer.
    public static let dockerLayer = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar")
    /// Docker's layer compressed with gzip.
    public static let dockerLayerGzip = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar.gzip")
    /// Docker's layer compressed with zstd.
    public static let dockerLayerZstd = MediaType(rawValue: "application/vnd.docker.image.rootfs.diff.tar.zstd")
    /// Docker's layer that registries don't hand on, compressed with gzip.
    public static let dockerForeignLayer = MediaType(
        rawValue: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    )

    /// What part a blob plays in an image.
    public enum Role: Sendable, Hashable { case index, manifest, config, layer, other }

    /// What part the blob plays.
    public var role: Role {
        switch self {
        case .ociIndex, .dockerManifestList: .index
        case .ociManifest, .dockerManifest: .manifest
        case .ociConfig, .dockerConfig: .config
        default: layerCompression == nil ? .other : .layer
        }
    }

    /// How a layer is compressed, by the name that compression goes by (`none`, `gzip`, `zstd`); nil if it isn't a
    /// layer or is compressed in a way that isn't known.
    public var layerCompression: String? {
        if let suffix = Self.suffix(of: rawValue, after: "application/vnd.oci.image.layer.") {
            switch suffix {
            case "v1.tar", "nondistributable.v1.tar": return "none"
            case "v1.tar+gzip", "nondistributable.v1.tar+gzip": return "gzip"
            case "v1.tar+zstd", "nondistributable.v1.tar+zstd": return "zstd"
            default: return nil
            }
        }
        switch self {
        case .dockerLayer: return "none"
        case .dockerLayerGzip, .dockerForeignLayer: return "gzip"
        case .dockerLayerZstd: return "zstd"
        default: return nil
        }
    }

    /// OCI's type and Docker's for the same thing.
    private static let twins: [(oci: MediaType, docker: MediaType)] = [
        (.ociManifest, .dockerManifest), (.ociIndex, .dockerManifestList), (.ociConfig, .dockerConfig),
        (.ociLayer, .dockerLayer), (.ociLayerGzip, .dockerLayerGzip), (.ociLayerZstd, .dockerLayerZstd),
    ]

    /// The same thing as OCI calls it; itself where OCI has no other name.
    public var oci: MediaType { Self.twins.first { $0.docker == self }?.oci ?? self }

    /// The same thing as Docker calls it; itself where Docker has no other name.
    public var docker: MediaType { Self.twins.first { $0.oci == self }?.docker ?? self }

    private static func suffix(of text: String, after prefix: String) -> Substring? {
        text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : nil
    }
}

extension MediaType: CustomStringConvertible {
    /// The text that stands for it.
    public var description: String { rawValue }
}

extension MediaType: Codable {
    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes it as it is in JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
