import ByteStreams
package import ImageTrust
package import OCISpec
package import RegistryAccess
import Reporting

/// What is to be signed, and how.
package struct SigningRequest: Sendable {
    /// Where signatures are put.
    package enum Place: String, Sendable, CaseIterable {
        /// Behind the tag `sha256-….sig`, beside others: where every tool looks.
        case tag
        /// As a referrer of the image, after OCI 1.1.
        case referrer
    }

    package var reference: ImageReference
    /// What is signed; nil for what the name stands for at the registry.
    package var digest: Digest?
    /// The name that is signed; nil for the image's own.
    package var identity: ImageReference?
    package var place = Place.tag
    /// The program that signs.
    package var creator: String

    package init(_ reference: ImageReference, digest: Digest? = nil, creator: String) {
        self.reference = reference.withDefaultTag
        self.digest = digest
        self.creator = creator
    }
}

/// Signs images where they are, at a registry.
package struct ImageSigning: Sendable {
    private let repository: RemoteRepository

    package init(_ repository: RemoteRepository) { self.repository = repository }

    /// Signs and attaches the signature; what was signed.
    package func sign(_ request: SigningRequest, by key: SigningKey) throws -> SigningPayload {
        let subject = try repository.resolve(request.digest.map { .digest($0) } ?? request.reference.target)
        var identity = request.identity ?? request.reference
        if identity.digest != nil { identity = try ImageReference(identity.tagName ?? identity.repository) }
        let payload = SigningPayload(
            digest: subject.digest,
            identity: identity,
            creator: request.creator,
            timestamp: Timestamp.now.seconds
        )
        let signature = try key.signature(of: payload.bytes)
        switch request.place {
        case .tag:
            let tag = SignatureManifest.tag(for: subject.digest)
            let existing = try RegistrySignatures(repository).manifest(tagged: tag)
            let draft = try SignatureManifest.draft(adding: signature, of: payload, to: existing)
            try upload(draft)
            _ = try repository.put(draft.manifest.bytes, type: draft.manifest.descriptor.mediaType, as: .tag(tag))
        case .referrer:
            let draft = try SignatureManifest.draft(adding: signature, of: payload, subject: subject)
            try upload(draft)
            let manifest = draft.manifest.descriptor
            let receipt = try repository.put(
                draft.manifest.bytes,
                type: manifest.mediaType,
                as: .digest(manifest.digest)
            )
            if !receipt.knowsReferrers { try list(manifest, asReferrerOf: subject.digest) }
        }
        return payload
    }

    private func upload(_ draft: SignatureManifest.Draft) throws {
        for bytes in [draft.config, draft.payload] {
            let blob = Descriptor(of: bytes, mediaType: .ociEmpty)
            if try repository.hasBlob(blob.digest) { continue }
            _ = try repository.upload(blob) { (offset) throws(StreamError) in
                MemorySource(Array(bytes.dropFirst(Int(offset))))
            }
        }
    }

    /// Registries that don't list referrers themselves have a tag for the list.
    private func list(_ manifest: Descriptor, asReferrerOf digest: Digest) throws {
        var entries = try repository.referrers(of: digest)
        guard !entries.contains(where: { $0.digest == manifest.digest }) else { return }
        var entry = manifest
        entry.artifactType = SignatureManifest.artifactType
        entries.append(entry)
        let index = try Document(encoding: ImageIndex(manifests: entries), mediaType: .ociIndex)
        let tag = RemoteRepository.referrersTag(of: digest)
        _ = try repository.put(index.bytes, type: .ociIndex, as: .tag(tag))
    }
}
