import OCISpec

/// What `inspect` says of an image: Docker 20.10's fields in its order.
struct DockerInspection {
    var image: Image
    var parent: Digest?
    var size: Int64
    /// What it was found through, where there are several platforms.
    var index: StoredIndex?
    /// The unpacked layers, top first; nil if not all of them are unpacked now.
    var trees: [String]?
    /// When a tag was last set on the image.
    var lastTagged: Timestamp?
    /// Where registries have it.
    var origins: [ImageOrigin] = []

    func value() throws -> JSONValue {
        let config = try JSONValue(parsing: image.config.bytes)
        let value = image.config.value
        var object: JSONObject = [
            "Id": .string(image.listedID.description),
            "RepoTags": JSONValue(strings: image.names.map(\.familiar)),
            "RepoDigests": JSONValue(strings: origins.map(\.digestName)),
            "Parent": .string(parent?.description ?? ""),
            "Comment": .string(comment),
            "Created": .string(created),
            "Container": .string(value.container ?? ""),
            "ContainerConfig": GoConfig.printed(config["container_config"]),
            "DockerVersion": .string(value.dockerVersion ?? ""),
            "Author": .string(value.author ?? ""),
            "Config": GoConfig.printed(config["config"]),
            "Architecture": .string(value.architecture),
        ]
        if let variant = value.variant, !variant.isEmpty { object["Variant"] = .string(variant) }
        object["Os"] = .string(value.os)
        if let version = value.osVersion, !version.isEmpty { object["OsVersion"] = .string(version) }
        object["Size"] = .integer(size)
        object["VirtualSize"] = .integer(size)
        object["GraphDriver"] = ["Data": driverData, "Name": "overlay2"]
        object["RootFS"] = rootFS
        object["Metadata"] = ["LastTagTime": .string((lastTagged ?? .zero).text)]
        if let index {
            object["Descriptor"] = Self.descriptor(index.document.descriptor)
            object["Manifests"] = .array(index.images.map(Self.manifest))
        }
        if !origins.isEmpty { object["Origins"] = .array(origins.map(Self.origin)) }
        return .object(object)
    }

    /// What Docker doesn't tell.
    private static func origin(_ origin: ImageOrigin) -> JSONValue {
        [
            "Registry": .string(origin.registry), "Repository": .string(origin.repository),
            "Digest": .string(origin.digest.description), "Publisher": .string(origin.publisher ?? ""),
            "RecordedAt": .string(Timestamp(epochNanoseconds: origin.recordedAt).text),
        ]
    }

    private static func descriptor(_ descriptor: Descriptor) -> JSONValue {
        [
            "mediaType": .string(descriptor.mediaType.rawValue), "digest": .string(descriptor.digest.description),
            "size": .integer(descriptor.size),
        ]
    }

    /// One platform's image as newer Docker lists it.
    private static func manifest(_ image: Image) -> JSONValue {
        let platform = image.config.value.platform
        var object: JSONObject = [
            "architecture": .string(platform.architecture), "os": .string(platform.os),
        ]
        if let variant = platform.variant { object["variant"] = .string(variant) }
        return [
            "ID": .string(image.manifest.descriptor.digest.description),
            "Descriptor": descriptor(image.manifest.descriptor), "Available": true, "Kind": "image",
            "ImageData": ["Platform": .object(object)],
        ]
    }

    /// An image without a comment of its own shows that of its last step.
    private var comment: String {
        if let comment = image.config.value.comment, !comment.isEmpty { return comment }
        return image.config.value.history.last?.comment ?? ""
    }

    private var created: String {
        guard let text = image.config.value.created else { return Timestamp.zero.text }
        return (try? Timestamp(text).text) ?? text  // what can't be read is shown as it stands
    }

    private var driverData: JSONValue {
        guard let trees, let top = trees.first else { return .null }
        var data = JSONObject()
        if trees.count > 1 { data["LowerDir"] = .string(trees.dropFirst().joined(separator: ":")) }
        data["UpperDir"] = .string(top)
        return .object(data)
    }

    private var rootFS: JSONValue {
        let diffIDs = image.config.value.rootfs.diffIDs
        var object: JSONObject = ["Type": .string(image.config.value.rootfs.type)]
        if !diffIDs.isEmpty { object["Layers"] = JSONValue(strings: diffIDs.map(\.description)) }
        return .object(object)
    }
}
