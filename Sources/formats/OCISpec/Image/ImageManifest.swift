/// An image for one platform: its configuration and its layers, base first.
public struct ImageManifest: Hashable, ImageDocument {
    /// Always 2.
    public var schemaVersion: Int
    /// The type by which the document names itself.
    public var mediaType: MediaType?
    /// What it is, where it isn't an image.
    public var artifactType: String?
    /// The configuration.
    public var config: Descriptor
    /// The layers, base first.
    public var layers: [Descriptor]
    /// The manifest that this one says something about.
    public var subject: Descriptor?
    /// Notes by key.
    public var annotations: [String: String]?

    /// Makes one from its parts.
    public init(
        mediaType: MediaType = .ociManifest,
        config: Descriptor,
        layers: [Descriptor],
        annotations: [String: String]? = nil
    ) {
        schemaVersion = 2
        self.mediaType = mediaType
        self.config = config
        self.layers = layers
        self.annotations = annotations
    }

    private enum CodingKeys: String, CodingKey {
        case schemaVersion, mediaType, artifactType, config, layers, subject, annotations
    }

    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.object(keyedBy: CodingKeys.self)
        try decoder.requireOneMeaning(without: "manifests", "fsLayers")
        schemaVersion = try container.schemaVersion(forKey: .schemaVersion)
        mediaType = try container.mediaType(forKey: .mediaType, role: .manifest)
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        config = try container.decode(Descriptor.self, forKey: .config)
        layers = try container.list(forKey: .layers)
        subject = try container.decodeIfPresent(Descriptor.self, forKey: .subject)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
    }
}
