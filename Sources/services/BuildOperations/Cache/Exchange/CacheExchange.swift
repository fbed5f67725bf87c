package import ImageManagement
package import OCISpec
package import SystemPackage

/// Where a build takes layers from that other builds made: one `--cache-from`.
package enum CacheImport: Sendable, Hashable {
    /// A folder that `CacheExport.layout` wrote; without tag and digest, what it calls `latest`, or the only one in it.
    case layout(FilePath, tag: String?, digest: Digest?)
    /// A cache at a registry, or an image that was built with an inline cache: of the store, else of a registry.
    case image(ImageReference)

    /// What progress and explanations call it.
    package var name: String {
        switch self {
        case .layout(let path, let tag, let digest):
            "local:\(path)" + (digest.map { "@\($0)" } ?? tag.map { ":\($0)" } ?? "")
        case .image(let reference): reference.familiar
        }
    }
}

/// Where a build puts its layers for other builds: one `--cache-to`.
package enum CacheExport: Sendable, Hashable {
    /// Which of the layers.
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Those of the result.
        case min
        /// Those of every step.
        case max
    }

    /// A folder as an OCI layout.
    case layout(FilePath, tag: String, mode: Mode, reset: Bool, ignoresErrors: Bool)
    /// A registry: the cache is an artifact under a name of its own, its layers in this form.
    case registry(ImageReference, form: LayerForm, mode: Mode, ignoresErrors: Bool)
    /// In the image itself: keys alone, since the layers are there.
    case inline
}

extension BuildRequest {
    /// Whether the image is to hold the keys of its layers: by a flag, or as BuildKit's build argument says it.
    var wantsInlineCache: Bool {
        cache.exports.contains(.inline)
            || ["1", "true"].contains(buildArguments["BUILDKIT_INLINE_CACHE"]?.lowercased())
    }
}
