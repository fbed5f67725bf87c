/// A list of manifests: one image for several platforms, or the images of a layout.
public struct ImageIndex: Hashable, ImageDocument {
    /// Always 2.
    public var schemaVersion: Int
    /// The type by which the document names itself.
    public var mediaType: MediaType?
    /// What it is, where it isn't an image.
    public var artifactType: String?
    /// What the index lists.
    public var manifests: [Descriptor]
    /// The manifest that this document says something about.
    public var subject: Descriptor?
    /// Notes by key.
    public var annotations: [String: String]?

    /// Makes one from its parts.
    public init(
        mediaType: MediaType = .ociIndex,
        manifests: [Descriptor],
        annotations: [String: String]? = nil
    ) {
        schemaVersion = 2
        self.mediaType = mediaType
        self.manifests = manifests
        self.annotations = annotations
    }

    private enum CodingKeys: String, CodingKey {
        case schemaVersion, mediaType, artifactType, manifests, subject, annotations
    }

    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.object(keyedBy: CodingKeys.self)
        try decoder.requireOneMeaning(without: "layers", "config", "fsLayers")
        schemaVersion = try container.schemaVersion(forKey: .schemaVersion)
        mediaType = try container.mediaType(forKey: .mediaType, role: .index)
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        manifests = try container.list(forKey: .manifests)
        subject = try container.decodeIfPresent(Descriptor.self, forKey: .subject)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
    }

    /// The manifest that serves a platform best, the first of equals; entries without a platform come last. Nil if none
    /// serves it.
    public func manifest(for platform: Platform) -> Descriptor? {
        var best: (distance: Int, descriptor: Descriptor)?
        for descriptor in manifests where descriptor.mediaType.role != .other {
            let distance = descriptor.platform.map { platform.distance(to: $0) } ?? Int.max - 1
            if let distance, distance < best?.distance ?? .max { best = (distance, descriptor) }
        }
        return best?.descriptor
    }
}

/// The content of the file `oci-layout`.
public struct ImageLayout: Hashable, Sendable, Codable {
    /// The version of the layout's form.
    public var imageLayoutVersion = "1.0.0"

    /// Makes an empty one.
    public init() {}
}

/// One image of an archive in Docker's own format: an element of its `manifest.json`.
public struct DockerArchiveImage: Hashable, Sendable, Codable {
    /// The name of the config's file in the archive.
    public var config: String
    /// The names of the image, `repository:tag`.
    public var repositoryTags: [String]
    /// The names of the layers' files in the archive, base first.
    public var layers: [String]

    /// Makes one from its parts.
    public init(config: String, repositoryTags: [String], layers: [String]) {
        self.config = config
        self.repositoryTags = repositoryTags
        self.layers = layers
    }

    private enum CodingKeys: String, CodingKey {
        case config = "Config"
        case repositoryTags = "RepoTags"
        case layers = "Layers"
    }

    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.object(keyedBy: CodingKeys.self)
        config = try container.decode(String.self, forKey: .config)
        repositoryTags = try container.list(forKey: .repositoryTags)
        layers = try container.list(forKey: .layers)
    }
}
