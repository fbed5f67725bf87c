import DockerfileFrontend
package import Reporting
package import SystemPackage

/// The build contexts besides the main one, by name: `--build-context`.
package struct AdditionalContexts: Sendable {
    package var entries: [(name: String, place: ContextPlace)] = []

    package init() {}
}

/// Where an additional build context is.
package enum ContextPlace: Hashable, Sendable {
    case folder(FilePath)
    /// An image by its name; `scratch` is the empty one.
    case image(String)
    /// An image of an OCI layout: by its digest, else by its tag.
    case layout(FilePath, tag: String?, digest: String?)
    /// An address of the web or of a git repository.
    case remote(String)

    /// Reads what stands behind `name=`.
    package init(_ text: String) throws(PlainFailure) {
        if let rest = text.dropping("docker-image://") {
            self = .image(rest)
        } else if let rest = text.dropping("oci-layout://") {
            self = Self.layout(rest)
        } else if text.hasPrefix("target:") {
            throw PlainFailure(
                .unsupported,
                "build context \"\(text)\": targets of bake files are not supported",
                hint: "build the other target first and name its image: docker-image://…"
            )
        } else if RemoteAddress.isOne(text) {
            self = .remote(text)
        } else if let scheme = text.firstRange(of: "://"), !text[..<scheme.lowerBound].contains("/") {
            throw PlainFailure(
                .invalidArgument,
                "unsupported context source \(text[..<scheme.lowerBound])",
                hint: "a folder, docker-image://, oci-layout://, a git repository, http:// or https://"
            )
        } else {
            self = .folder(FilePath(text))
        }
    }

    /// `path[:tag][@digest]`
    private static func layout(_ text: String) -> ContextPlace {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let path = parts[0]
        let digest = parts.count > 1 ? parts[1] : nil
        guard let colon = path.lastIndex(of: ":"), !path[colon...].contains("/") else {
            return .layout(FilePath(path), tag: nil, digest: digest)
        }
        return .layout(FilePath(String(path[..<colon])), tag: String(path[path.index(after: colon)...]), digest: digest)
    }
}

/// Which texts are addresses where a path could stand too.
package enum RemoteAddress {
    package static func isOne(_ text: String) -> Bool {
        // One that can't be read is one all the same, and is complained about where it is used.
        do { return try RemoteSource(text, in: .context) != nil } catch { return true }
    }
}

extension String {
    fileprivate func dropping(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}
