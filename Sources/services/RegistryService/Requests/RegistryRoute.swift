import ByteStreams
package import OCISpec

/// What an address of the registry names.
package enum RegistryRoute: Hashable, Sendable {
    /// `/v2/`
    case base
    /// `/v2/_catalog`
    case catalog
    /// `/v2/NAME/tags/list`
    case tags(RepositoryName)
    /// `/v2/NAME/manifests/REFERENCE`
    case manifest(RepositoryName, ManifestReference)
    /// `/v2/NAME/blobs/DIGEST`
    case blob(RepositoryName, Digest)
    /// `/v2/NAME/blobs/uploads/`
    case uploads(RepositoryName)
    /// `/v2/NAME/blobs/uploads/ID`
    case upload(RepositoryName, String)
    /// `/v2/NAME/referrers/DIGEST`
    case referrers(RepositoryName, Digest)

    /// Reads the path of an address. Names of repositories may have the words of the routes in them, so it is read from its
    /// end.
    package init(path: String) throws(RegistryRefusal) {
        let parts = try Self.components(path)
        guard parts.first == "v2" else { throw Self.unknown }
        let rest = parts.dropFirst()
        if rest.isEmpty || Array(rest) == [""] {
            self = .base
        } else if Array(rest) == ["_catalog"] {
            self = .catalog
        } else if rest.count > 2, rest.suffix(2) == ["tags", "list"] {
            self = .tags(try Self.name(rest.dropLast(2)))
        } else if rest.count > 2, let last = rest.last {
            self = try Self.inRepository(rest, last)
        } else {
            throw Self.unknown
        }
    }

    private static func inRepository(
        _ parts: ArraySlice<String>,
        _ last: String
    ) throws(RegistryRefusal) -> RegistryRoute {
        switch parts[parts.endIndex - 2] {
        case "manifests": return .manifest(try name(parts.dropLast(2)), try ManifestReference(last))
        case "referrers": return .referrers(try name(parts.dropLast(2)), try digest(last))
        case "uploads" where parts.count > 3 && parts[parts.endIndex - 3] == "blobs":
            let name = try name(parts.dropLast(3))
            return last.isEmpty ? .uploads(name) : .upload(name, last)
        case "blobs" where last == "uploads": return .uploads(try name(parts.dropLast(2)))
        case "blobs": return .blob(try name(parts.dropLast(2)), try digest(last))
        default: throw unknown
        }
    }

    private static let unknown = RegistryRefusal(404, .unsupported, "there is no such address")

    private static func components(_ path: String) throws(RegistryRefusal) -> [String] {
        guard path.first == "/" else { throw unknown }
        var parts: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let text = PercentEncoding.decoded(part) else { throw unknown }
            parts.append(text)
        }
        return parts
    }

    private static func name(_ parts: ArraySlice<String>) throws(RegistryRefusal) -> RepositoryName {
        guard !parts.contains(where: { $0.contains("/") }) else {
            throw RegistryRefusal(400, .nameInvalid, "invalid name of a repository")
        }
        return try RepositoryName(parts.joined(separator: "/"))
    }

    static func digest(_ text: String) throws(RegistryRefusal) -> Digest {
        do throws(DigestError) { return try Digest(text) } catch {
            throw RegistryRefusal(400, .digestInvalid, error.reason.rawValue)
        }
    }
}

/// A tag or a digest.
package enum ManifestReference: Hashable, Sendable {
    case tag(String)
    case digest(Digest)

    init(_ text: String) throws(RegistryRefusal) {
        if text.contains(":") {
            self = .digest(try RegistryRoute.digest(text))
        } else {
            guard ImageReference.isTag(text) else { throw RegistryRefusal(400, .tagInvalid, "invalid tag") }
            self = .tag(text)
        }
    }

    var text: String {
        switch self {
        case .tag(let tag): tag
        case .digest(let digest): digest.description
        }
    }
}
