package import ByteStreams
package import ContentStorage
package import OCISpec
package import RegistryAccess
package import Reporting

extension ImageCatalog {
    /// Brings an artifact to a registry: a manifest whose blobs are in memory or in `content`.
    package func push(
        artifact manifest: Document<ImageManifest>,
        with documents: [Digest: [UInt8]],
        from content: ContentStore,
        as target: ManifestTarget,
        to repository: RemoteRepository,
        cancellation: Cancellation,
        progress: @escaping ProgressSink
    ) throws {
        let source = ArtifactSource(manifest: manifest, documents: documents, content: content)
        let plan = try CopyPlan(source, platform: nil)
        let transfer = CopyTransfer(cancellation: cancellation, progress: progress)
        try RepositoryDestination(repository: repository, target: target).take(plan, from: source, transfer)
    }

    /// The manifest and the config of what a registry has under a name: an image for a platform, or an artifact.
    ///
    /// What the policies of this machine don't admit isn't read.
    package func remoteImage(
        _ reference: ImageReference,
        platform: Platform?,
        at repository: RemoteRepository
    ) throws -> (manifest: Document<ImageManifest>, config: [UInt8]) {
        _ = try verify(reference, platform: platform, by: nil, at: repository)
        let source = RepositorySource(repository: repository, target: reference.target)
        let plan = try CopyPlan(source, platform: platform ?? .host)
        guard let root = plan.documents.last, root.descriptor.mediaType.role == .manifest else {
            throw PlainFailure(.unsupported, "\(reference.familiar) is no image")
        }
        let manifest = try Document<ImageManifest>(bytes: root.bytes, mediaType: root.descriptor.mediaType)
        let config = manifest.value.config
        return (manifest, try config.verifying(source.open(config, from: 0)).readAll(limit: JSON.defaultLimit))
    }
}

/// A manifest of our own making, with blobs in memory and in a store.
private struct ArtifactSource: CopySource {
    let manifest: Document<ImageManifest>
    let documents: [Digest: [UInt8]]
    let content: ContentStore

    func roots() -> [Descriptor] { [manifest.descriptor] }

    func document(_ descriptor: Descriptor) -> [UInt8] { manifest.bytes }

    func open(_ blob: Descriptor, from offset: Int64) throws -> any ByteSource {
        guard let bytes = documents[blob.digest] else { return try content.open(blob, from: offset) }
        return MemorySource(Array(bytes.dropFirst(Int(offset))))
    }
}
