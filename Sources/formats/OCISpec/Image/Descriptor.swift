/// What is known of a blob without having it: its type, digest and size.
public struct Descriptor: Hashable, Sendable, Codable {
    /// The type by which the document names itself.
    public var mediaType: MediaType
    /// What comes after the at sign; it decides before the tag.
    public var digest: Digest
    /// In bytes, as stored.
    public var size: Int64
    /// Where else the blob can be had.
    public var urls: [String]?
    /// Notes by key.
    public var annotations: [String: String]?
    /// In an index: for whom the manifest is.
    public var platform: Platform?
    /// What it is, where it isn't an image.
    public var artifactType: String?
    /// The blob itself in base64, for small ones.
    public var data: String?

    /// Makes one from its parts.
    public init(
        mediaType: MediaType,
        digest: Digest,
        size: Int64,
        annotations: [String: String]? = nil,
        platform: Platform? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.annotations = annotations
        self.platform = platform
    }

    /// The descriptor of bytes in memory.
    public init(of bytes: [UInt8], mediaType: MediaType) {
        self.init(mediaType: mediaType, digest: .of(bytes), size: Int64(bytes.count))
    }

    private enum CodingKeys: String, CodingKey {
        case mediaType, digest, size, urls, annotations, platform, artifactType, data
    }

    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.object(keyedBy: CodingKeys.self)
        mediaType = try container.decodeIfPresent(MediaType.self, forKey: .mediaType) ?? MediaType(rawValue: "")
        digest = try container.decode(Digest.self, forKey: .digest)
        size = try container.decode(Int64.self, forKey: .size)
        guard size >= 0 else {
            throw container.corrupted(.size, "size \(size) is negative")
        }
        urls = try container.decodeIfPresent([String].self, forKey: .urls)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
        platform = try container.decodeIfPresent(Platform.self, forKey: .platform)
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        data = try container.decodeIfPresent(String.self, forKey: .data)
    }
}

/// The keys of annotations that socle writes and reads.
public enum Annotation {
    /// In an index: the name that the manifest goes by there.
    public static let referenceName = "org.opencontainers.image.ref.name"
    /// In an index: the complete name of the image, as containerd and Docker write it.
    public static let imageName = "io.containerd.image.name"
    /// When, in RFC 3339.
    public static let created = "org.opencontainers.image.created"
    /// The manifest of the image that this one was made from.
    public static let baseDigest = "org.opencontainers.image.base.digest"
    /// The name of the image that this one was made from.
    public static let baseName = "org.opencontainers.image.base.name"
}
