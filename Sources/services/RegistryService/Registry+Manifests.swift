import ContentStorage
import ImageManagement
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting

extension Registry {
    /// GET and HEAD of a manifest: always as it is, whatever types are asked for.
    func manifest(
        _ name: RepositoryName,
        _ reference: ManifestReference,
        _ request: RegistryRequest
    ) throws -> RegistryAnswer {
        guard let found = try contents.manifest(name, reference) else {
            throw RegistryRefusal.manifestUnknown(reference.text)
        }
        let headers = [
            HeaderField("Content-Type", found.mediaType.rawValue),
            HeaderField("Docker-Content-Digest", found.digest.description), HeaderField("ETag", "\"\(found.digest)\""),
        ]
        if request.header("if-none-match") == "\"\(found.digest)\"" { return RegistryAnswer(304, headers) }
        do throws(ContentError) {
            return RegistryAnswer(200, headers, try content.read(found, limit: ManifestParts.limit))
        } catch {
            throw error.kind == .notFound ? RegistryRefusal.manifestUnknown(reference.text) : error
        }
    }

    /// DELETE of a tag, or of a manifest with all its tags. An image that loses its last name stays in the store without one.
    func delete(_ name: RepositoryName, _ reference: ManifestReference) throws -> RegistryAnswer {
        guard let found = try contents.manifest(name, reference) else {
            throw RegistryRefusal.manifestUnknown(reference.text)
        }
        try metadata.transaction(durable: true) {
            switch reference {
            case .tag(let tag): try removeTag(name, tag)
            case .digest:
                for tag in try contents.tags(name, of: found.digest) { try removeTag(name, tag) }
                try metadata.published.delete(repository: name.key, digest: found.digest)
            }
        }
        try images.publishNames()
        return RegistryAnswer(202)
    }

    private func removeTag(_ name: RepositoryName, _ tag: String) throws {
        try metadata.published.deleteTag(repository: name.key, tag: tag)
        try metadata.tags.delete("\(name.key):\(tag)")
    }

    /// PUT of a manifest: what takes its body.
    func manifestReceiver(
        _ name: RepositoryName,
        _ reference: ManifestReference,
        _ request: RegistryRequest
    ) throws(RegistryRefusal) -> ManifestReceiver {
        if case .digest(let digest) = reference, digest.algorithm != "sha256" { throw Self.unsupportedAlgorithm }
        if let text = request.header("content-length"), let length = Int64(text), length > Int64(ManifestParts.limit) {
            throw ManifestReceiver.tooLarge
        }
        let type = request.header("content-type").map { String($0.prefix { $0 != ";" && $0 != " " }) }
        return ManifestReceiver(self, name, reference, type: type)
    }

    /// Takes a manifest in: it, and all that it refers to, is held meanwhile.
    func push(_ bytes: [UInt8], _ type: MediaType, _ name: RepositoryName, _ reference: ManifestReference) throws
        -> RegistryAnswer
    {
        let manifest = Descriptor(of: bytes, mediaType: type)
        if case .digest(let digest) = reference, digest != manifest.digest {
            throw RegistryRefusal(400, .digestInvalid, "the digest of what came is \(manifest.digest)")
        }
        let parts: ManifestParts
        do throws(JSONError) { parts = try ManifestParts(bytes, mediaType: type) } catch {
            throw RegistryRefusal(400, .manifestInvalid, error.description)
        }
        let lease = try metadata.leases.create()
        defer { try? metadata.leases.delete(lease) }  // one that stays is dead with this process
        let held = content.leasing(lease)
        try require(parts, in: name, held)
        try held.put(bytes, durable: false)
        try content.makeDurable(Set(parts.blobs.map(\.digest) + [manifest.digest]))
        try record(manifest, parts, name, reference)
        var headers = [
            HeaderField("Location", "/v2/\(name.text)/manifests/\(reference.text)"),
            HeaderField("Docker-Content-Digest", manifest.digest.description),
        ]
        if let subject = parts.subject { headers.append(HeaderField("OCI-Subject", subject.digest.description)) }
        return RegistryAnswer(201, headers)
    }

    /// All that a manifest refers to must be the repository's, but for layers from elsewhere and what it is about.
    private func require(_ parts: ManifestParts, in name: RepositoryName, _ held: ContentStore) throws {
        func unknown(_ part: Descriptor, _ noun: String) -> RegistryRefusal {
            RegistryRefusal(404, .manifestBlobUnknown, "\(noun) \(part.digest) is not known to the repository")
        }
        for blob in parts.blobs {
            guard blob.digest.algorithm == "sha256" else { throw Self.unsupportedAlgorithm }
            guard try isReadable(name, blob.digest), try held.hold(blob.digest) else { throw unknown(blob, "blob") }
            try require(blob, held)
        }
        for child in parts.manifests {
            guard child.digest.algorithm == "sha256" else { throw Self.unsupportedAlgorithm }
            guard try contents.manifest(name, digest: child.digest) != nil, try held.hold(child.digest) else {
                throw unknown(child, "manifest")
            }
            try require(child, held)
        }
    }

    private func require(_ part: Descriptor, _ held: ContentStore) throws {
        let size = try held.size(part.digest)
        guard size == part.size else {
            throw RegistryRefusal(400, .sizeInvalid, "\(part.digest) has \(size ?? 0) bytes, not \(part.size)")
        }
    }

    /// Writes down what came: as a manifest of the repository, and, where it is an image with a tag, in the store's list.
    private func record(
        _ manifest: Descriptor,
        _ parts: ManifestParts,
        _ name: RepositoryName,
        _ reference: ManifestReference
    ) throws {
        var row = PublishedRow(
            repository: name.key,
            manifest: manifest,
            subject: parts.subject?.digest,
            artifactType: parts.artifactType
        )
        let wasThere = try metadata.published.row(repository: name.key, digest: manifest.digest) != nil
        // From here on nobody takes away what it refers to.
        try metadata.transaction { try metadata.published.set(row, parts: parts.digests) }
        guard case .tag(let tag) = reference else {
            return try metadata.transaction(durable: true) {}
        }
        do { row.image = try images.adopt(manifest, as: [name.name(tag)], knowing: inspection) } catch {
            if !wasThere { _ = try? metadata.published.delete(repository: name.key, digest: manifest.digest) }
            throw error
        }
        try metadata.transaction(durable: true) {
            try metadata.published.set(row, parts: [])
            try metadata.published.setTag(repository: name.key, tag: tag, digest: manifest.digest)
            if let image = row.image {
                try metadata.published.adopt(parts.manifests.map(\.digest), repository: name.key, image: image)
            } else {
                try metadata.tags.delete("\(name.key):\(tag)")
            }
        }
        if row.image == nil { try images.publishNames() }
    }
}
