package import OCISpec

/// What a manifest is asked for by.
package enum ManifestTarget: Sendable, Hashable, CustomStringConvertible {
    case tag(String)
    case digest(Digest)

    package var description: String {
        switch self {
        case .tag(let tag): tag
        case .digest(let digest): digest.description
        }
    }
}

extension ImageReference {
    /// What decides which manifest is meant: the digest, else the tag, else `latest`.
    package var target: ManifestTarget { digest.map { .digest($0) } ?? .tag(tag ?? "latest") }
}

/// A manifest or index as a registry gave it; its bytes have the digest.
package struct RemoteManifest: Sendable {
    package var descriptor: Descriptor
    package var bytes: [UInt8]
}
