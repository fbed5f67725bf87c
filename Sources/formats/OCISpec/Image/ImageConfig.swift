/// What an image is besides its files: platform, how to run it, and how it came to be. Its digest is the image's ID.
public struct ImageConfig: Hashable, Sendable {
    /// RFC 3339, as it was written.
    public var created: String?
    /// Who made it.
    public var author: String?
    /// The processor, in Go's words.
    public var architecture: String
    /// The operating system, in Go's words.
    public var os: String
    /// The kind of processor, `v7`.
    public var variant: String?
    /// The version of the operating system, for Windows.
    public var osVersion: String?
    /// What the operating system must have, for Windows.
    public var osFeatures: [String]?
    /// The configuration.
    public var config: ContainerConfig?
    /// The layers, by what they hold.
    public var rootfs: RootFS
    /// The steps of the image's making, first to last.
    public var history: [History]

    // Docker's own fields, which the specification doesn't have.
    /// What was said about it.
    public var comment: String?
    /// The container that it was made from.
    public var container: String?
    /// The configuration of that container.
    public var containerConfig: ContainerConfig?
    /// The version of the Docker that made it.
    public var dockerVersion: String?

    /// Makes one from its parts.
    public init(platform: Platform, config: ContainerConfig? = nil, diffIDs: [Digest] = []) {
        architecture = platform.architecture
        os = platform.os
        variant = platform.variant
        osVersion = platform.osVersion
        osFeatures = platform.osFeatures
        self.config = config
        rootfs = RootFS(diffIDs: diffIDs)
        history = []
    }

    /// For whom the image is.
    public var platform: Platform {
        Platform(
            os: os,
            architecture: architecture,
            variant: variant,
            osVersion: osVersion,
            osFeatures: osFeatures
        )
    }

    /// The layers of an image by what they hold.
    public struct RootFS: Hashable, Sendable, Codable {
        /// Always `layers`.
        public var type: String
        /// The digests of the uncompressed layers, base first.
        public var diffIDs: [Digest]

        /// Makes one from its parts.
        public init(diffIDs: [Digest] = []) {
            type = "layers"
            self.diffIDs = diffIDs
        }

        private enum CodingKeys: String, CodingKey {
            case type
            case diffIDs = "diff_ids"
        }

        /// Reads it from JSON.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.object(keyedBy: CodingKeys.self)
            type = try container.decodeIfPresent(String.self, forKey: .type) ?? "layers"
            diffIDs = try container.list(forKey: .diffIDs)
        }
    }
}

/// One step of an image's making.
public struct History: Hashable, Sendable, Codable {
    /// When, in RFC 3339.
    public var created: String?
    /// The command.
    public var createdBy: String?
    /// Who made it.
    public var author: String?
    /// What was said about it.
    public var comment: String?
    /// True for a step that made no layer; left out when false.
    public var emptyLayer: Bool?

    /// Makes one from its parts.
    public init(
        created: String? = nil,
        createdBy: String? = nil,
        author: String? = nil,
        comment: String? = nil,
        isEmptyLayer: Bool = false
    ) {
        self.created = created
        self.createdBy = createdBy
        self.author = author
        self.comment = comment
        emptyLayer = isEmptyLayer ? true : nil
    }

    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.object(keyedBy: CodingKeys.self)
        created = try container.decodeIfPresent(String.self, forKey: .created)
        createdBy = try container.decodeIfPresent(String.self, forKey: .createdBy)
        author = try container.decodeIfPresent(String.self, forKey: .author)
        comment = try container.decodeIfPresent(String.self, forKey: .comment)
        emptyLayer = try container.decodeIfPresent(Bool.self, forKey: .emptyLayer)
    }

    /// Whether the step made no layer.
    public var isEmptyLayer: Bool { emptyLayer ?? false }

    private enum CodingKeys: String, CodingKey {
        case created, author, comment
        case createdBy = "created_by"
        case emptyLayer = "empty_layer"
    }
}

extension ImageConfig: ImageDocument {
    /// A config doesn't say what it is.
    public var mediaType: MediaType? { nil }

    private enum CodingKeys: String, CodingKey {
        case created, author, architecture, os, variant, config, rootfs, history, comment, container
        case osVersion = "os.version"
        case osFeatures = "os.features"
        case containerConfig = "container_config"
        case dockerVersion = "docker_version"
    }

    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.object(keyedBy: CodingKeys.self)
        try decoder.requireOneMeaning(without: "layers", "manifests", "schemaVersion")
        created = try container.decodeIfPresent(String.self, forKey: .created)
        author = try container.decodeIfPresent(String.self, forKey: .author)
        architecture = try container.decodeIfPresent(String.self, forKey: .architecture) ?? ""
        os = try container.decodeIfPresent(String.self, forKey: .os) ?? ""
        variant = try container.decodeIfPresent(String.self, forKey: .variant)
        osVersion = try container.decodeIfPresent(String.self, forKey: .osVersion)
        osFeatures = try container.decodeIfPresent([String].self, forKey: .osFeatures)
        config = try container.decodeIfPresent(ContainerConfig.self, forKey: .config)
        rootfs = try container.decode(RootFS.self, forKey: .rootfs)
        history = try container.list(forKey: .history)
        comment = try container.decodeIfPresent(String.self, forKey: .comment)
        self.container = try container.decodeIfPresent(String.self, forKey: .container)
        containerConfig = try container.decodeIfPresent(ContainerConfig.self, forKey: .containerConfig)
        dockerVersion = try container.decodeIfPresent(String.self, forKey: .dockerVersion)
    }

    /// Writes it as it is in JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.object(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(created, forKey: .created)
        try container.encodeUnlessEmpty(author, forKey: .author)
        try container.encode(architecture, forKey: .architecture)
        try container.encode(os, forKey: .os)
        try container.encodeUnlessEmpty(variant, forKey: .variant)
        try container.encodeUnlessEmpty(osVersion, forKey: .osVersion)
        try container.encodeUnlessEmpty(osFeatures, forKey: .osFeatures)
        try container.encodeIfPresent(config, forKey: .config)
        try container.encode(rootfs, forKey: .rootfs)
        try container.encodeUnlessEmpty(history, forKey: .history)
        try container.encodeUnlessEmpty(comment, forKey: .comment)
        try container.encodeUnlessEmpty(self.container, forKey: .container)
        try container.encodeIfPresent(containerConfig, forKey: .containerConfig)
        try container.encodeUnlessEmpty(dockerVersion, forKey: .dockerVersion)
    }
}
