import OCISpec
import Reporting

/// Reads the images of an archive from Docker's `manifest.json`.
struct DockerArchiveReader {
    private let contents: ArchiveContents
    /// The manifests of an OCI layout in the same archive, by the digest of their config.
    private let manifests: [Digest: Document<ImageManifest>]

    init(_ contents: ArchiveContents, manifests: [Digest: Document<ImageManifest>]) {
        self.contents = contents
        self.manifests = manifests
    }

    func images() throws -> [LoadPlan.PlannedImage] {
        let list: [DockerArchiveImage]
        do {
            list = try JSON.decode([DockerArchiveImage].self, from: contents.documents[.dockerManifest] ?? [])
        } catch {
            throw PlainFailure(.corrupt, "manifest.json: \(error.description)")
        }
        return try list.map(image)
    }

    private func image(_ entry: DockerArchiveImage) throws -> LoadPlan.PlannedImage {
        let bytes = try contents.document(entry.config)
        let config: Document<ImageConfig>
        do { config = try Document(bytes: bytes, mediaType: .ociConfig) } catch {
            throw PlainFailure(.corrupt, "\"\(entry.config)\": \(error.description)")
        }
        let blobs = try entry.layers.map(contents.blob)
        let names = try entry.repositoryTags.map(Self.name)
        return try LoadPlan.image(
            manifest: try manifest(config: config, blobs: blobs),
            config: config,
            blobs: blobs,
            names: names
        )
    }

    /// The manifest that the archive has for the image, so that its digest stays; else one of our own making.
    private func manifest(
        config: Document<ImageConfig>,
        blobs: [ArchiveContents.Blob]
    ) throws -> Document<ImageManifest> {
        if let given = manifests[config.descriptor.digest], given.value.layers.map(\.digest) == blobs.map(\.digest) {
            return given
        }
        let layers = blobs.map { blob in
            let type = if case .success(let facts) = blob.layer { facts.mediaType } else { MediaType.ociLayer }
            return Descriptor(mediaType: type, digest: blob.digest, size: blob.size)
        }
        return try Document(
            encoding: ImageManifest(config: config.descriptor, layers: layers),
            mediaType: .ociManifest
        )
    }

    private static func name(_ text: String) throws -> ImageReference {
        let reference: ImageReference
        do { reference = try ImageReference(text) } catch {
            throw PlainFailure(.corrupt, "invalid tag \"\(text)\": \(error.description)")
        }
        guard reference.tag != nil, reference.digest == nil else {
            throw PlainFailure(.corrupt, "invalid tag \"\(text)\"")
        }
        return try ImageReference.forTagging(text)
    }
}
