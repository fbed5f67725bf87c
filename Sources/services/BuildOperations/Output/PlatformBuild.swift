import OCISpec

/// What a build gave for one platform: its file system, and the image's config with history and layers.
struct PlatformBuild: Sendable {
    var platform: Platform
    var fileSystem: BuiltFileSystem
    var config: ImageConfig

    /// The name of its folder where several platforms share one: `linux_arm64`.
    var folder: String { platform.description.split(separator: "/").joined(separator: "_") }
}

extension BuiltLayer {
    /// Whether a build made it; what came with a base is somebody else's and stays as it is.
    var isOurs: Bool { createdAt != nil }
}
