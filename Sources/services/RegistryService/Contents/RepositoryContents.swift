import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec

/// What the repositories hold: the images of the store by their names, and what was pushed.
///
/// A tag of the store comes first. What was pushed under the same name as the very manifest of the same image is given as it
/// was pushed, though the store may have the image in another form as well.
struct RepositoryContents: Sendable {
    let content: ContentStore
    let metadata: MetadataStore
    /// Of documents that were read already; they never change.
    private let parts = Guarded<[Digest: ManifestParts]>([:])

    /// How many documents are remembered.
    private static let memory = 1_000

    init(content: ContentStore, metadata: MetadataStore) {
        self.content = content
        self.metadata = metadata
    }

    /// The manifest that a tag stands for.
    func manifest(_ name: RepositoryName, tag: String) throws -> Descriptor? {
        let pushed = try metadata.published.row(repository: name.key, tag: tag)
        guard let image = try metadata.tags.image("\(name.key):\(tag)") else {
            return pushed.flatMap { $0.image == nil ? $0.manifest : nil }
        }
        if let pushed, pushed.image == image { return pushed.manifest }
        return try metadata.images.row(image)?.manifest
    }

    /// The manifest with a digest, if the repository has it.
    func manifest(_ name: RepositoryName, digest: Digest) throws -> Descriptor? {
        if let pushed = try metadata.published.row(repository: name.key, digest: digest) { return pushed.manifest }
        for manifest in try named(name) {
            if manifest.digest == digest { return manifest }
            guard manifest.mediaType.role == .index, let parts = try parts(of: manifest) else { continue }
            if let listed = parts.manifests.first(where: { $0.digest == digest }), try content.contains(digest) {
                return Descriptor(mediaType: listed.mediaType, digest: listed.digest, size: listed.size)
            }
        }
        return nil
    }

    func manifest(_ name: RepositoryName, _ reference: ManifestReference) throws -> Descriptor? {
        switch reference {
        case .tag(let tag): try manifest(name, tag: tag)
        case .digest(let digest): try manifest(name, digest: digest)
        }
    }

    /// Whether a manifest of the repository refers to a blob.
    func refers(_ name: RepositoryName, to blob: Digest) throws -> Bool {
        if try metadata.published.refers(repository: name.key, to: blob) { return true }
        for manifest in try named(name) {
            guard let parts = try parts(of: manifest) else { continue }
            if parts.digests.contains(blob) { return true }
            for listed in parts.manifests where try self.parts(of: listed)?.digests.contains(blob) == true {
                return true
            }
        }
        return false
    }

    /// The tags, in no order.
    func tags(_ name: RepositoryName) throws -> Set<String> {
        let stored = try metadata.tags.rows(repository: name.key).map { String($0.name.dropFirst(name.key.count + 1)) }
        let pushed = try metadata.published.tags(repository: name.key).filter { $0.image == nil }.map(\.tag)
        return Set(stored).union(pushed)
    }

    /// The tags that stand for a manifest.
    func tags(_ name: RepositoryName, of digest: Digest) throws -> [String] {
        try tags(name).filter { try manifest(name, tag: $0)?.digest == digest }
    }

    /// Whether there is anything in the repository.
    func isKnown(_ name: RepositoryName) throws -> Bool {
        if try !metadata.tags.rows(repository: name.key).isEmpty { return true }
        return try metadata.published.repositories().contains(name.key)
    }

    /// The names of the repositories, in no order.
    func repositories() throws -> Set<String> {
        // All are references.
        let stored = try metadata.tags.all().compactMap { try? ImageReference($0.name).repository }
        let all = try Set(stored).union(metadata.published.repositories())
        return Set(all.compactMap { RepositoryName(key: $0)?.reference.familiarName })
    }

    /// What a manifest refers to; nil for one that isn't there or can't be read.
    func parts(of manifest: Descriptor) throws -> ManifestParts? {
        if let known = parts.update({ $0[manifest.digest] }) { return known }
        guard try content.size(manifest.digest) == manifest.size,
            let bytes = try? content.read(manifest, limit: ManifestParts.limit),
            let read = try? ManifestParts(bytes, mediaType: manifest.mediaType)
        else { return nil }
        parts.update { parts in
            if parts.count >= Self.memory { parts.removeAll() }
            parts[manifest.digest] = read
        }
        return read
    }

    /// The manifests of the store's images that have a name in the repository.
    private func named(_ name: RepositoryName) throws -> [Descriptor] {
        let images = Set(try metadata.tags.rows(repository: name.key).map(\.image))
        return try images.compactMap { try metadata.images.row($0)?.manifest }
    }
}
